package io.flotilla.controlplane.audit;

import io.flotilla.controlplane.database.Transactions;
import java.time.Clock;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.json.JsonMapper;

/** Builds the audit log without Spring. */
public final class AuditFixture {

    private AuditFixture() {}

    public static AuditLog log(JdbcClient jdbc, Transactions transactions, Clock clock) {
        AuditStore store = new AuditStore(jdbc);
        return new AuditLog(store, new Masking(JsonMapper.builder().build(), store), transactions, clock);
    }
}
