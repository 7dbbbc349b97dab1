CREATE TABLE "account_logins" (
	"account" text PRIMARY KEY NOT NULL,
	"generation" integer NOT NULL,
	"ended_at" timestamp with time zone DEFAULT now() NOT NULL
);
