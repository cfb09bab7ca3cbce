"""What an operator needs done to an installation: upgrade it, copy it, bring it back, look whether all is well."""
