-- What searches compare, as it is folded from this version on: I with a dot is I, and the two Greek
-- letters with a dialytika are composed again. Only rows that hold one of the three are written.

UPDATE `House` SET `searchNo` = REPLACE(REPLACE(REPLACE(`searchNo`, _utf8mb4 X'49CC87', _utf8mb4 X'49'), _utf8mb4 X'CE99CC88', _utf8mb4 X'CEAA'), _utf8mb4 X'CEA5CC88', _utf8mb4 X'CEAB')
WHERE INSTR(`searchNo`, _utf8mb4 X'49CC87') > 0 OR INSTR(`searchNo`, _utf8mb4 X'CE99CC88') > 0 OR INSTR(`searchNo`, _utf8mb4 X'CEA5CC88') > 0;

UPDATE `House` SET `searchName` = REPLACE(REPLACE(REPLACE(`searchName`, _utf8mb4 X'49CC87', _utf8mb4 X'49'), _utf8mb4 X'CE99CC88', _utf8mb4 X'CEAA'), _utf8mb4 X'CEA5CC88', _utf8mb4 X'CEAB')
WHERE INSTR(`searchName`, _utf8mb4 X'49CC87') > 0 OR INSTR(`searchName`, _utf8mb4 X'CE99CC88') > 0 OR INSTR(`searchName`, _utf8mb4 X'CEA5CC88') > 0;

UPDATE `House` SET `searchAddress` = REPLACE(REPLACE(REPLACE(`searchAddress`, _utf8mb4 X'49CC87', _utf8mb4 X'49'), _utf8mb4 X'CE99CC88', _utf8mb4 X'CEAA'), _utf8mb4 X'CEA5CC88', _utf8mb4 X'CEAB')
WHERE INSTR(`searchAddress`, _utf8mb4 X'49CC87') > 0 OR INSTR(`searchAddress`, _utf8mb4 X'CE99CC88') > 0 OR INSTR(`searchAddress`, _utf8mb4 X'CEA5CC88') > 0;
