CREATE TABLE "home_sessions" (
	"id" integer PRIMARY KEY DEFAULT 1 NOT NULL,
	"epoch" bigint NOT NULL,
	"owner" text NOT NULL,
	"version" text NOT NULL,
	"taken_at" timestamp with time zone DEFAULT now() NOT NULL,
	"turned_on_at" timestamp with time zone,
	"kinds" jsonb DEFAULT '{}'::jsonb NOT NULL
);
--> statement-breakpoint
ALTER TABLE "applications" ADD COLUMN "home_uid" text;--> statement-breakpoint
ALTER TABLE "applications" ADD COLUMN "home_version" text;--> statement-breakpoint
ALTER TABLE "applications" ADD COLUMN "home_since" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "applications" ADD COLUMN "home_conditions" jsonb DEFAULT '[]'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "projects" ADD COLUMN "home_uid" text;--> statement-breakpoint
ALTER TABLE "projects" ADD COLUMN "home_version" text;--> statement-breakpoint
ALTER TABLE "projects" ADD COLUMN "home_conditions" jsonb DEFAULT '[]'::jsonb NOT NULL;