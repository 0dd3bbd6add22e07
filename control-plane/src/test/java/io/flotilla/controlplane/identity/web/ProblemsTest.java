package io.flotilla.controlplane.identity.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.flotilla.controlplane.database.DatabaseUnfitException;
import io.flotilla.controlplane.problem.Problem;
import io.flotilla.controlplane.problem.ProblemException;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.jdbc.CannotGetJdbcConnectionException;
import org.springframework.jdbc.UncategorizedSQLException;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.transaction.TransactionSystemException;

class ProblemsTest {

    @ParameterizedTest
    @ValueSource(strings = {"08000", "08003", "08006", "57P01", "57P02", "57P03"})
    void callsADatabaseThatCutsTheConnectionInMidQueryOrCommitAway(String state) {
        SQLException cut = new SQLException("terminating connection", state);
        for (RuntimeException error : new RuntimeException[] {
            new UncategorizedSQLException("query", "SELECT", cut), new TransactionSystemException("commit", cut)
        }) {
            assertThat(Problems.of(error))
                    .isInstanceOfSatisfying(
                            ProblemException.class,
                            known -> assertThat(known.problem()).isEqualTo(Problem.DATABASE_AWAY));
        }
    }

    @Test
    void saysOfADatabaseOfAnotherVersionWhichIsTheOlderOne() {
        SQLException unfit = new DatabaseUnfitException("this version is older");
        for (RuntimeException error : new RuntimeException[] {
            new CannotCreateTransactionException("begin", unfit), new CannotGetJdbcConnectionException("connect", unfit)
        }) {
            assertThat(Problems.of(error)).isInstanceOfSatisfying(ProblemException.class, known -> {
                assertThat(known.problem()).isEqualTo(Problem.DATABASE_UNFIT);
                assertThat(known.detail()).isEqualTo("this version is older");
            });
        }
    }

    @Test
    void tellsWhatBrokeAConnectionThatCouldNotBeRolledBackThen() {
        var rollback = new TransactionSystemException("rollback failed", new SQLException("Connection is closed"));
        rollback.initApplicationException(
                new UncategorizedSQLException("query", "INSERT", new SQLException("terminating connection", "57P01")));
        assertThat(Problems.of(rollback))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        known -> assertThat(known.problem()).isEqualTo(Problem.DATABASE_AWAY));
    }

    @Test
    void tellsADatabaseWithAFullDiskFromOneThatIsAway() {
        SQLException full = new SQLException("could not extend file", "53100");
        for (RuntimeException error : new RuntimeException[] {
            new DataAccessResourceFailureException("insert", full), new TransactionSystemException("commit", full)
        }) {
            assertThat(Problems.of(error)).isInstanceOfSatisfying(ProblemException.class, known -> {
                assertThat(known.problem()).isEqualTo(Problem.UNAVAILABLE);
                assertThat(known.detail()).contains("disk is full", "make room");
            });
        }
    }

    @Test
    void leavesAMistakeInAQueryToTheLog() {
        RuntimeException error = new UncategorizedSQLException("query", "SELEC", new SQLException("syntax", "42601"));
        assertThat(Problems.of(error)).isSameAs(error);
    }
}
