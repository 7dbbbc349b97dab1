CREATE TABLE "held_syncs" (
	"application_id" uuid PRIMARY KEY NOT NULL,
	"due_at" timestamp with time zone NOT NULL,
	"woken_at" timestamp with time zone
);
--> statement-breakpoint
ALTER TABLE "held_syncs" ADD CONSTRAINT "held_syncs_application_id_applications_id_fk" FOREIGN KEY ("application_id") REFERENCES "public"."applications"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "held_syncs_due" ON "held_syncs" USING btree ("due_at") WHERE woken_at is null;