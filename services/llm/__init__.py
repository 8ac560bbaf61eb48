"""Language models behind ``services.ports.Model``. Importing the package alone imports no library of theirs."""
