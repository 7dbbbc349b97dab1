CREATE TABLE "applied_objects" (
	"application_id" uuid NOT NULL,
	"cluster_id" uuid NOT NULL,
	"key" text NOT NULL,
	"uid" text NOT NULL,
	"applied_at" timestamp with time zone NOT NULL,
	CONSTRAINT "applied_objects_application_id_cluster_id_key_pk" PRIMARY KEY("application_id","cluster_id","key")
);
--> statement-breakpoint
CREATE TABLE "packed_operations" (
	"operation_id" uuid PRIMARY KEY NOT NULL,
	"packed" "bytea" NOT NULL
);
--> statement-breakpoint
ALTER TABLE "manifests" ADD COLUMN "used_at" timestamp with time zone DEFAULT now() NOT NULL;--> statement-breakpoint
ALTER TABLE "renders" ADD COLUMN "used_at" timestamp with time zone DEFAULT now() NOT NULL;--> statement-breakpoint
ALTER TABLE "packed_operations" ADD CONSTRAINT "packed_operations_operation_id_operations_id_fk" FOREIGN KEY ("operation_id") REFERENCES "public"."operations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "applied_objects_uid" ON "applied_objects" USING btree ("uid");--> statement-breakpoint
CREATE INDEX "applications_render" ON "applications" USING btree ("desired_render_id");--> statement-breakpoint
CREATE INDEX "manifests_used" ON "manifests" USING btree ("used_at");--> statement-breakpoint
CREATE INDEX "renders_used" ON "renders" USING btree ("used_at");--> statement-breakpoint
CREATE INDEX "operations_render" ON "operations" USING btree ("render_id") WHERE render_id is not null;--> statement-breakpoint
CREATE INDEX "audit_at" ON "audit" USING brin ("at");--> statement-breakpoint
CREATE INDEX "changes_at" ON "changes" USING brin ("at");--> statement-breakpoint
CREATE INDEX "webhook_deliveries_received" ON "webhook_deliveries" USING brin ("received_at");