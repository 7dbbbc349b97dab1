CREATE TABLE "certificates" (
	"type" text NOT NULL,
	"server_name" text NOT NULL,
	"key_type" text DEFAULT '' NOT NULL,
	"content" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "certificates_type_server_name_key_type_pk" PRIMARY KEY("type","server_name","key_type")
);
--> statement-breakpoint
CREATE TABLE "gpg_keys" (
	"key_id" text PRIMARY KEY NOT NULL,
	"fingerprint" text NOT NULL,
	"owner" text NOT NULL,
	"key_type" text NOT NULL,
	"content" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "repository_templates" (
	"url" text PRIMARY KEY NOT NULL,
	"type" text DEFAULT 'git' NOT NULL,
	"credentials" "bytea" NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "repositories" ADD COLUMN "url_key" text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE "repositories" ADD COLUMN "registered" boolean DEFAULT false NOT NULL;--> statement-breakpoint
CREATE INDEX "repositories_url_key" ON "repositories" USING btree ("url_key");--> statement-breakpoint
UPDATE "repositories" SET "registered" = true WHERE "credentials" IS NOT NULL;
