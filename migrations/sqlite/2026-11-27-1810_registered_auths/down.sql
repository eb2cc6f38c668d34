DROP TABLE registered_auths;
