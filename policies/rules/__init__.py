"""The rules: pure Python that turns answers and a day into verdicts, money and reasons."""
