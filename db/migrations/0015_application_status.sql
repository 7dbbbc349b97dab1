CREATE TABLE "application_status" (
	"application_id" uuid PRIMARY KEY NOT NULL,
	"resource_version" bigint DEFAULT nextval('resource_version_seq') NOT NULL,
	"desired_render_id" uuid,
	"desired_revision" text,
	"desired_generation" integer,
	"render_error" text,
	"sync_status" text DEFAULT 'Unknown' NOT NULL,
	"health_status" text DEFAULT 'Unknown' NOT NULL,
	"health_message" text,
	"conditions" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"resources" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"summary" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"source_types" jsonb,
	"reconciled_at" timestamp with time zone,
	"session_epoch" bigint
);
--> statement-breakpoint
INSERT INTO "application_status" ("application_id", "resource_version", "desired_render_id", "desired_revision", "desired_generation", "render_error",
  "sync_status", "health_status", "health_message", "conditions", "resources", "summary", "source_types", "reconciled_at", "session_epoch")
  SELECT "id", "resource_version", "desired_render_id", "desired_revision", "desired_generation", "render_error",
  "sync_status", "health_status", "health_message", "conditions", "resources", "summary", "source_types", "reconciled_at", "session_epoch"
  FROM "applications";--> statement-breakpoint
ALTER TABLE "applications" DROP CONSTRAINT "applications_desired_render_id_renders_id_fk";
--> statement-breakpoint
ALTER TABLE "resource_nodes" DROP CONSTRAINT "resource_nodes_application_id_applications_id_fk";
--> statement-breakpoint
DROP INDEX "applications_render";--> statement-breakpoint
ALTER TABLE "application_status" ADD CONSTRAINT "application_status_application_id_applications_id_fk" FOREIGN KEY ("application_id") REFERENCES "public"."applications"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "application_status" ADD CONSTRAINT "application_status_desired_render_id_renders_id_fk" FOREIGN KEY ("desired_render_id") REFERENCES "public"."renders"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "application_status_render" ON "application_status" USING btree ("desired_render_id");--> statement-breakpoint
ALTER TABLE "resource_nodes" ADD CONSTRAINT "resource_nodes_status" FOREIGN KEY ("application_id") REFERENCES "public"."application_status"("application_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "applications" DROP COLUMN "resource_version";--> statement-breakpoint
ALTER TABLE "applications" DROP COLUMN "desired_render_id";--> statement-breakpoint
ALTER TABLE "applications" DROP COLUMN "desired_revision";--> statement-breakpoint
ALTER TABLE "applications" DROP COLUMN "desired_generation";--> statement-breakpoint
ALTER TABLE "applications" DROP COLUMN "render_error";--> statement-breakpoint
ALTER TABLE "applications" DROP COLUMN "sync_status";--> statement-breakpoint
ALTER TABLE "applications" DROP COLUMN "health_status";--> statement-breakpoint
ALTER TABLE "applications" DROP COLUMN "health_message";--> statement-breakpoint
ALTER TABLE "applications" DROP COLUMN "conditions";--> statement-breakpoint
ALTER TABLE "applications" DROP COLUMN "resources";--> statement-breakpoint
ALTER TABLE "applications" DROP COLUMN "summary";--> statement-breakpoint
ALTER TABLE "applications" DROP COLUMN "source_types";--> statement-breakpoint
ALTER TABLE "applications" DROP COLUMN "reconciled_at";--> statement-breakpoint
ALTER TABLE "applications" DROP COLUMN "session_epoch";--> statement-breakpoint
ALTER TABLE "applications" DROP COLUMN "self_heal_attempts";--> statement-breakpoint
ALTER TABLE "applications" DROP COLUMN "self_heal_retry_at";