CREATE TABLE "successors" (
	"application_id" uuid PRIMARY KEY NOT NULL,
	"revision" text NOT NULL,
	"request" jsonb,
	"spec" jsonb NOT NULL,
	"cluster_id" uuid NOT NULL,
	"queued_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "workers" (
	"instance" text PRIMARY KEY NOT NULL,
	"seen_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "applications" ADD COLUMN "desired_generation" integer;--> statement-breakpoint
ALTER TABLE "operations" ADD COLUMN "deadline" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "operations" ADD COLUMN "superseded_by" uuid;--> statement-breakpoint
ALTER TABLE "successors" ADD CONSTRAINT "successors_application_id_applications_id_fk" FOREIGN KEY ("application_id") REFERENCES "public"."applications"("id") ON DELETE cascade ON UPDATE no action;