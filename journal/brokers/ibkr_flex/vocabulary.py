"""Names that statements are known to use. What is not here is kept all the same, and told once."""

from __future__ import annotations

# Attributes of the rows that are read; twins per segment and period are left out (see `is_known`).
ATTRIBUTES = frozenset(
    """
    account accountId accountName accountTransfers accruedInt acctAlias actionDescription actionID
    advisorFees allocatedTo amount assetCategory assetClass assetTransfers availableForTradingDate
    averagePrice avgCreditBalance avgDebitBalance billPay billableCommissions billableSalesTax
    billableSalesTaxIBUKL blockID bondInterest bondInterestAccrualsComponent bonds brokerAccount
    brokerCashComponent brokerClearingCommission brokerExecutionCommission brokerFees
    brokerFeesAccrualsComponent brokerInterest brokerInterestAccrualsComponent brokerName
    brokerageOrderID buySell capitalGainsPnl carbonCredits cash cashSettlingMtm cashTransfer
    cfdCharges cfdUnrealizedPl changeInBrokerFeeAccruals changeInDividendAccruals
    changeInIncentiveCouponAccruals changeInInterestAccruals changeInPrice changeInQuantity
    changeInUnrealized clearingFirmID clientFees clientReference closePrice code commisionsAndTax
    commission commissionCreditsRedemption commissionCurrency commissionReceivables commissions
    commissionsAndTax commissionsAtPaxos commodities commodityType company conid contractMultiplier
    corporateActionProceeds cost costAdjustments costBasis costBasisMoney costBasisPrice crypto
    currency currencyPrimary cusip date dateTime debitCardActivity deliveringBroker deliveryType
    depositWithdrawals deposits depositsWithdrawals description direction dividendAccruals dividends
    donations endingCash endingCashIBUKL endingSettledCash endingValue eventContractInterestAccruals
    exDate excessFundSweep exchOrderId exchange execID expiry extExecID
    fdicInsuredAccountInterestAccruals fdicInsuredAccountInterestAccrualsComponent
    fdicInsuredBankSweepAccount fdicInsuredBankSweepAccountCashComponent feesReceivables
    fifoPnlRealized fifoPnlUnrealized figi fineness forexCfdUnrealizedPl forexCommissions
    fromCurrency fromDate funds fxPnl fxRateToBase fxTranslation fxTranslationGainLoss grantActivity
    holdingPeriodDateTime ibCommission ibCommissionCurrency ibExecID ibOrderID
    incentiveCouponAccruals initialInvestment insuredBankDepositRedemptionCashComponent
    insuredDepositInterest interest interestAccruals internalCashTransfers internalTransfers
    ipoSubscription isAPIOrder isin issuer issuerCountryCode levelOfDetail linkingAdjustments
    listingExchange liteSurchargeAccruals lotDescription marginFinancingChargeAccruals markPrice
    maturity model mtm mtmAtPaxos mtmPnl multiplier netCash netCashInBase netFxTrading
    netTradesPurchases netTradesSales notes openCloseIndicator openDateTime openPrice options
    orderID orderPlacementTime orderReference orderTime orderType origOrderID origTradeDate
    origTradeID origTradePrice origTransactionID originatingOrderID originatingTransactionID other
    otherCommission otherFees otherIncome paxosTransfers paymentInLieu paymentInLieuIBUKL
    percentOfNAV period physDel pnlAmount pnlAmountInBase position positionActionID positionAmount
    positionAmountInBase positionInstructionID positionInstructionSetID positionValue
    positionValueInBase price principalAdjustFactor proceeds publicTradePrice putCall quantity
    quantityInBase rate realized realizedForexVm realizedPnl realizedVm referralFee relatedTradeID
    relatedTransactionID reportDate rfqID rtn salesTax securityID securityIDType sedol serialNumber
    settleDate settleDateTarget side slbCashCollateral slbDirectSecuritiesBorrowed
    slbDirectSecuritiesLent slbEndingCashCollateral slbNetCash slbNetSecuritiesLentActivity
    slbNetSettledCash slbStartingCashCollateral softDollars startingCash startingValue stock strike
    subCategory symbol tax taxBasis taxLots taxReceivables taxes thirdPartyClearingCommission
    thirdPartyExecutionCommission thirdPartyRegulatoryCommission toCurrency toDate total tradeDate
    tradeID tradeMoney tradePrice tradeTime traderID transactionID transactionTax transactionType
    transferPrice transferredPnlAdjustments twr type underlyingConid underlyingListingExchange
    underlyingSecurityID underlyingSymbol unrealizedCapitalGainsPnl unrealizedPnl unrealizedlFxPnl
    value vestingDate volatilityOrderLink weight whenRealized whenReopened withdrawals
    withholding871m withholdingCollectedTax withholdingTax withholdingTaxCollected
    """.split()  # noqa: SIM905 - a list of names is easier to read and to extend as text
)
_STEMS = tuple(
    """

    """.split()  # noqa: SIM905 - a list of names is easier to read and to extend as text
)
# endingCashSec, endingCashCom, commissionsMTD, stockLong …
_SUFFIXES = ("Sec", "Com", "MTD", "YTD", "Paxos", "Long", "Short", "IBUKL", "InBase", "Cryptos")

SECTIONS = frozenset(
    """
    AccountInformation ChangeInNAV CashReport MTDYTDPerformanceSummary MTMPerformanceSummaryInBase
    FIFOPerformanceSummaryInBase EquitySummaryInBase StmtFunds ChangeInPositionValues
    ChangeInPositionValue OpenPositions NetStockPositionSummary ComplexPositions FxPositions FxLots
    FxTransactions Trades TradeConfirms OptionEAE PendingExcercises TradeTransfers UnbookedTrades
    RoutingCommissions IBGNoteTransactions UnsettledTransfers Transfers TransferLots
    PriorPeriodPositions CorporateActions CashTransactions DebitCardActivities ClientFees
    ClientFeesDetail SoftDollars CFDCharges InterestAccruals TierInterestDetails HardToBorrowDetails
    HKIPOOpenSubscriptions HKIPOSubscriptionActivity SLBOpenContracts SLBActivities SLBCollaterals
    SLBFees StockGrantActivities SecuritiesInfo ConversionRates SalesTaxes TransactionTaxes
    TransactionTaxDetails ChangeInDividendAccruals OpenDividendAccruals UnbundledCommissionDetails
    DepositsOnHold CommissionCredits SymbolSummary AssetSummary Order WashSale
    FdicInsuredDepositsByBank IncentiveCouponAccrualDetails MutualFundDividendDetails
    RealizedUnrealizedPerformanceSummaryInBase ChangeInNAVs CryptoTransfers OTCTrades
    NetStockPositions BondInterestAccruals
    EquitySummaryByReportDateInBase CashReportCurrency StatementOfFundsLine FxLot FxTransaction
    TradeTransfer DebitCardActivity InterestAccrualsCurrency SLBActivity TransferLot
    ChangeInDividendAccrual OpenDividendAccrual SecurityInfo ConversionRate TransactionTax SalesTax
    CashTransaction CorporateAction Transfer OpenPosition
    """.split()  # noqa: SIM905 - a list of names is easier to read and to extend as text
)

# Account Information describes a person as well as an account. A journal needs the account only.
PERSONAL = frozenset(
    """
    name street street2 city state country postalCode streetResidentialAddress
    street2ResidentialAddress cityResidentialAddress stateResidentialAddress
    countryResidentialAddress postalCodeResidentialAddress primaryEmail registeredRepName
    registeredRepPhone accountRepName accountRepPhone masterName
    """.split()  # noqa: SIM905 - a list of names is easier to read and to extend as text
)


def is_known(attribute: str) -> bool:
    if attribute in ATTRIBUTES or attribute in _STEMS:
        return True
    stem = next((attribute.removesuffix(one) for one in _SUFFIXES if attribute.endswith(one)), None)
    return stem is not None and is_known(stem)
