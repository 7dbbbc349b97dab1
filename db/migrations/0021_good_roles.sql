ALTER TABLE "projects" ADD COLUMN "good_roles" jsonb;--> statement-breakpoint
ALTER TABLE "changes" ADD COLUMN "project" text;--> statement-breakpoint
CREATE INDEX "application_status_counts" ON "application_status" USING btree ("application_id","sync_status","health_status");