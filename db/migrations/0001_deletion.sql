ALTER TABLE "applications" ADD COLUMN "deletion" jsonb;--> statement-breakpoint
ALTER TABLE "applications" ADD COLUMN "deletion_failure" jsonb;--> statement-breakpoint
ALTER TABLE "operations" ADD COLUMN "orphan_requested_by" text;--> statement-breakpoint
ALTER TABLE "operations" ADD COLUMN "orphans" jsonb;