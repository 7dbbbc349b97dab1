ALTER TABLE "clusters" DROP CONSTRAINT "clusters_name_unique";--> statement-breakpoint
ALTER TABLE "applications" DROP CONSTRAINT "applications_cluster_id_clusters_id_fk";
--> statement-breakpoint
DROP INDEX "applications_cluster";--> statement-breakpoint
ALTER TABLE "applications" ADD COLUMN "destination_server" text GENERATED ALWAYS AS (rtrim(coalesce(spec -> 'destination' ->> 'server', ''), '/')) STORED;--> statement-breakpoint
ALTER TABLE "applications" ADD COLUMN "destination_name" text GENERATED ALWAYS AS (coalesce(spec -> 'destination' ->> 'name', '')) STORED;--> statement-breakpoint
CREATE INDEX "applications_destination_server" ON "applications" USING btree ("destination_server");--> statement-breakpoint
CREATE INDEX "applications_destination_name" ON "applications" USING btree ("destination_name");--> statement-breakpoint
CREATE UNIQUE INDEX "clusters_name" ON "clusters" USING btree ("name",coalesce("project", ''));--> statement-breakpoint
ALTER TABLE "applications" DROP COLUMN "cluster_id";