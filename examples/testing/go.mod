module example.com/latchkey-tests

go 1.19
