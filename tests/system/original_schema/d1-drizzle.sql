PRAGMA defer_foreign_keys=TRUE;
CREATE TABLE `account` (
	`id` text PRIMARY KEY NOT NULL,
	`account_id` text NOT NULL,
	`provider_id` text NOT NULL,
	`user_id` text NOT NULL,
	`access_token` text,
	`refresh_token` text,
	`id_token` text,
	`access_token_expires_at` integer,
	`refresh_token_expires_at` integer,
	`scope` text,
	`password` text,
	`created_at` integer DEFAULT (cast(unixepoch('subsecond') * 1000 as integer)) NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`user_id`) REFERENCES `user`(`id`) ON UPDATE no action ON DELETE cascade
);
INSERT INTO "account" VALUES('IxaxFnMxAQKF5CyYh7U7p5BhQixLPNCo','DtNhK27UiCniCBgcyfX02pQWcDTkrZOX','credential','DtNhK27UiCniCBgcyfX02pQWcDTkrZOX',NULL,NULL,NULL,NULL,NULL,NULL,'f0a29e23273624f526fc3956c57f2182:24301f5d6416e7ae9ff08f511808a5cda864ef50f223a6ec744699988a8f87e9aab56b126d34e1da613e5aeb91611f2a65521c05732f7818a89ef2de7a6f9988',1795970665078,1795970665078);
INSERT INTO "account" VALUES('BJJhcXbf4mkz9vo5wO17EeVxfgZIxSW0','a37wB2VLmb9y7C7mLdlLnxmu6o4Ocx87','credential','a37wB2VLmb9y7C7mLdlLnxmu6o4Ocx87',NULL,NULL,NULL,NULL,NULL,NULL,'13c158052f25f2c55ebf8b5171a29bf5:2cc96f060bcd7a349bf31e6df31fe0777f7126bdd01de85c9b02c647ed06d3a99d09c195c2f431d2c71269608efd3b4bd2ce3c9c6d149d88f48cc80bf03a879f',1795970665602,1795970665602);
CREATE TABLE `jwks` (
	`id` text PRIMARY KEY NOT NULL,
	`public_key` text NOT NULL,
	`private_key` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer,
	`alg` text,
	`crv` text
);
CREATE TABLE `session` (
	`id` text PRIMARY KEY NOT NULL,
	`expires_at` integer NOT NULL,
	`token` text NOT NULL,
	`created_at` integer DEFAULT (cast(unixepoch('subsecond') * 1000 as integer)) NOT NULL,
	`updated_at` integer NOT NULL,
	`ip_address` text,
	`user_agent` text,
	`user_id` text NOT NULL,
	FOREIGN KEY (`user_id`) REFERENCES `user`(`id`) ON UPDATE no action ON DELETE cascade
);
INSERT INTO "session" VALUES('akTpuZu9Wp9n9cCPd2v5sfsIlUpi63h3',1796575465098,'aeEzLHLUjvzgL4vV40mPcumtgCtNvuln',1795970665098,1795970665098,'','curl/7.88.1','DtNhK27UiCniCBgcyfX02pQWcDTkrZOX');
INSERT INTO "session" VALUES('NHu0HZu0Dly7IlOku228waMsu8SiJ0Bn',1796575465615,'6CSPh9cs7PaCec5hYrSXroUPMqR4DZHi',1795970665615,1795970665615,'','curl/7.88.1','a37wB2VLmb9y7C7mLdlLnxmu6o4Ocx87');
CREATE TABLE `user` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`email` text NOT NULL,
	`email_verified` integer DEFAULT false NOT NULL,
	`image` text,
	`created_at` integer DEFAULT (cast(unixepoch('subsecond') * 1000 as integer)) NOT NULL,
	`updated_at` integer DEFAULT (cast(unixepoch('subsecond') * 1000 as integer)) NOT NULL
);
INSERT INTO "user" VALUES('DtNhK27UiCniCBgcyfX02pQWcDTkrZOX','ada','ada@example.com',0,NULL,1795970665041,1795970665041);
INSERT INTO "user" VALUES('a37wB2VLmb9y7C7mLdlLnxmu6o4Ocx87','bob','bob@example.com',0,NULL,1795970665582,1795970665582);
CREATE TABLE `verification` (
	`id` text PRIMARY KEY NOT NULL,
	`identifier` text NOT NULL,
	`value` text NOT NULL,
	`expires_at` integer NOT NULL,
	`created_at` integer DEFAULT (cast(unixepoch('subsecond') * 1000 as integer)) NOT NULL,
	`updated_at` integer DEFAULT (cast(unixepoch('subsecond') * 1000 as integer)) NOT NULL
);
CREATE INDEX `account_userId_idx` ON `account` (`user_id`);
CREATE UNIQUE INDEX `session_token_unique` ON `session` (`token`);
CREATE INDEX `session_userId_idx` ON `session` (`user_id`);
CREATE UNIQUE INDEX `user_email_unique` ON `user` (`email`);
CREATE INDEX `verification_identifier_idx` ON `verification` (`identifier`);
