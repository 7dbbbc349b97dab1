CREATE TABLE "home_deletions" (
	"uid" text PRIMARY KEY NOT NULL,
	"application_id" uuid NOT NULL,
	"namespace" text NOT NULL,
	"name" text NOT NULL,
	"way" text NOT NULL,
	"state" text DEFAULT 'pending' NOT NULL,
	"finalizers" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"deleted_at" timestamp with time zone,
	"seen_at" timestamp with time zone DEFAULT now() NOT NULL,
	"answer" text,
	"answered_by" text,
	"released_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "home_operations" (
	"uid" text NOT NULL,
	"resource_version" text NOT NULL,
	"digest" text NOT NULL,
	"operation_id" uuid,
	"cleared_version" text,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "home_operations_uid_resource_version_pk" PRIMARY KEY("uid","resource_version")
);
--> statement-breakpoint
CREATE INDEX "home_deletions_application" ON "home_deletions" USING btree ("application_id");--> statement-breakpoint
CREATE INDEX "home_deletions_open" ON "home_deletions" USING btree ("namespace") WHERE state <> 'released';--> statement-breakpoint
CREATE INDEX "home_operations_at" ON "home_operations" USING btree ("at");