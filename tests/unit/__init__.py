"""One file for each module of the package, in folders that mirror it; no servers."""
