-- What searches compare, as it is folded from this version on: I with a dot is I, and the two Greek
-- letters with a dialytika are composed again. Only rows that hold one of the three are written.

UPDATE "House" SET "searchNo" = replace(replace(replace("searchNo", 'I' || char(775), 'I'), char(921, 776), char(938)), char(933, 776), char(939))
WHERE instr("searchNo", 'I' || char(775)) > 0 OR instr("searchNo", char(921, 776)) > 0 OR instr("searchNo", char(933, 776)) > 0;

UPDATE "House" SET "searchName" = replace(replace(replace("searchName", 'I' || char(775), 'I'), char(921, 776), char(938)), char(933, 776), char(939))
WHERE instr("searchName", 'I' || char(775)) > 0 OR instr("searchName", char(921, 776)) > 0 OR instr("searchName", char(933, 776)) > 0;

UPDATE "House" SET "searchAddress" = replace(replace(replace("searchAddress", 'I' || char(775), 'I'), char(921, 776), char(938)), char(933, 776), char(939))
WHERE instr("searchAddress", 'I' || char(775)) > 0 OR instr("searchAddress", char(921, 776)) > 0 OR instr("searchAddress", char(933, 776)) > 0;
