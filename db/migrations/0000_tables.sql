-- The schema itself and the roles are made by deploy/postgres/roles.sql. Partitioning is added by hand: it is not expressible in db/schema.ts.
CREATE TABLE "hook"."delivery_attempts" (
	"delivery_id" uuid NOT NULL,
	"attempt_number" integer NOT NULL,
	"webhook_id" uuid NOT NULL,
	"account_id" uuid NOT NULL,
	"event_id" text NOT NULL,
	"event_type" text NOT NULL,
	"cycle" integer DEFAULT 0 NOT NULL,
	"trigger" text NOT NULL,
	"status" text NOT NULL,
	"outcome" text,
	"outcome_reason" text,
	"is_latest" boolean DEFAULT true NOT NULL,
	"response_status" integer,
	"error_code" text,
	"response_body_preview" varchar(512),
	"duration_ms" integer,
	"next_attempt_at" timestamp (3) with time zone,
	"started_at" timestamp (3) with time zone,
	"finished_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"payload_snapshot" jsonb,
	"workflow_id" text NOT NULL,
	"secret_version" integer,
	"requested_by" text,
	"request_reason" text,
	CONSTRAINT "delivery_attempts_delivery_id_attempt_number_pk" PRIMARY KEY("delivery_id","attempt_number"),
	CONSTRAINT "delivery_attempts_status" CHECK ("hook"."delivery_attempts"."status" IN ('pending', 'succeeded', 'failed', 'skipped', 'canceled')),
	CONSTRAINT "delivery_attempts_outcome" CHECK ("hook"."delivery_attempts"."outcome" IS NULL OR "hook"."delivery_attempts"."outcome" IN ('delivered', 'dead_lettered', 'canceled', 'skipped_disabled'))
) PARTITION BY RANGE ("delivery_id");
--> statement-breakpoint
CREATE TABLE "hook"."webhook_configs" (
	"id" uuid PRIMARY KEY NOT NULL,
	"account_id" uuid NOT NULL,
	"url" text NOT NULL,
	"description" text,
	"event_types" text[],
	"secret_enc" "bytea" NOT NULL,
	"secret_version" integer DEFAULT 1 NOT NULL,
	"status" text DEFAULT 'enabled' NOT NULL,
	"disabled_reason" text,
	"disabled_at" timestamp (3) with time zone,
	"slow_until" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"deleted_at" timestamp (3) with time zone,
	CONSTRAINT "webhook_configs_status" CHECK ("hook"."webhook_configs"."status" IN ('enabled', 'disabled'))
);
--> statement-breakpoint
CREATE INDEX "delivery_attempts_by_account" ON "hook"."delivery_attempts" USING btree ("account_id","delivery_id") WHERE "hook"."delivery_attempts"."is_latest";--> statement-breakpoint
CREATE INDEX "delivery_attempts_by_webhook" ON "hook"."delivery_attempts" USING btree ("webhook_id","delivery_id") WHERE "hook"."delivery_attempts"."is_latest";--> statement-breakpoint
CREATE INDEX "delivery_attempts_by_event" ON "hook"."delivery_attempts" USING btree ("account_id","event_id") WHERE "hook"."delivery_attempts"."is_latest";--> statement-breakpoint
CREATE INDEX "webhook_configs_live" ON "hook"."webhook_configs" USING btree ("account_id") WHERE "hook"."webhook_configs"."deleted_at" IS NULL;