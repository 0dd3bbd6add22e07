package io.flotilla.controlplane.reconcile;

import java.util.Optional;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** SQL of the leader's row. */
@Repository
class LeaderStore {

    record Row(long epoch, Optional<UUID> holder, long beat) {}

    private final JdbcClient jdbc;

    LeaderStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    Row read() {
        return jdbc.sql("SELECT epoch, holder, beat FROM leader")
                .query((row, number) ->
                        new Row(row.getLong(1), Optional.ofNullable(row.getObject(2, UUID.class)), row.getLong(3)))
                .single();
    }

    /** Takes over from the state that was seen; false if somebody else has moved since. */
    boolean take(Row seen, UUID holder) {
        return jdbc.sql("""
            UPDATE leader SET epoch = epoch + 1, holder = :holder, beat = beat + 1
            WHERE epoch = :epoch AND beat = :beat\
            """)
                        .param("holder", holder)
                        .param("epoch", seen.epoch())
                        .param("beat", seen.beat())
                        .update()
                == 1;
    }

    boolean beat(long epoch) {
        return jdbc.sql("UPDATE leader SET beat = beat + 1 WHERE epoch = :epoch")
                        .param("epoch", epoch)
                        .update()
                == 1;
    }

    void release(long epoch) {
        jdbc.sql("UPDATE leader SET holder = NULL, beat = beat + 1 WHERE epoch = :epoch")
                .param("epoch", epoch)
                .update();
    }

    /** Locks the row against a takeover until the transaction ends; false if the epoch is over. */
    boolean fence(long epoch) {
        return jdbc.sql("SELECT epoch FROM leader WHERE epoch = :epoch FOR SHARE")
                .param("epoch", epoch)
                .query(Long.class)
                .optional()
                .isPresent();
    }
}
