"""Other exits, replayed over the whole path of every trade: at prices that could be had, and no others."""
