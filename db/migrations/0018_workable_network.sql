CREATE TABLE "home_settings" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"kind" text NOT NULL,
	"namespace" text NOT NULL,
	"name" text NOT NULL,
	"uid" text NOT NULL,
	"resource_version" text NOT NULL,
	"role" text NOT NULL,
	"labelled" boolean NOT NULL,
	"address" text DEFAULT '' NOT NULL,
	"project" text DEFAULT '' NOT NULL,
	"sealed" "bytea" NOT NULL,
	"usable" boolean DEFAULT true NOT NULL,
	"notices" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"noticed_at" timestamp with time zone,
	"object_created_at" timestamp with time zone NOT NULL,
	"gone_at" timestamp with time zone,
	CONSTRAINT "home_settings_object" UNIQUE("kind","namespace","name")
);
--> statement-breakpoint
CREATE INDEX "home_settings_address" ON "home_settings" USING btree ("role","address");