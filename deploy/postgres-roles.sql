-- Run once by the owner, before the first migration: the role that the gateway works as. It owns nothing; `npm run migrate` grants it
-- what it needs (read and write rows, but no UPDATE or DELETE of evidence). Give it a password of your own outside of a demo.
CREATE ROLE sluice_app LOGIN PASSWORD 'sluice_app';
