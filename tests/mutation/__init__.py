"""Whether the tests of the rules, of money and of cases notice small faults: `make mutate`.

mutmut leaves out decorated functions and tables, of which this code is made; cosmic-ray runs one set
of tests for every fault, in a process started anew, and takes no sample. Hence the few lines here.
"""
