"""How assistants are let in: OAuth 2.1 by django-oauth-toolkit, with our scopes, workspaces and addresses."""
