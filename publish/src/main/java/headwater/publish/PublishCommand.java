package headwater.publish;

import headwater.lake.pipeline.Pipeline;
import headwater.lake.pipeline.PipelineOption;
import headwater.lake.process.DurationText;
import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import headwater.lake.process.Retry;
import headwater.lake.process.Shutdown;
import headwater.lake.store.LakeAccess;
import headwater.lake.store.StoreWatch;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Changed curated rows into MySQL, once or in a loop. */
@Command(
        name = "publish",
        mixinStandardHelpOptions = true,
        description = {
            "Carries the rows of the curated tables that changed since the last publication to MySQL: all published tables to"
                    + " one LSN, together with the ledger row that says so.",
            "Once, or with --every in a loop until Ctrl-C. To repeat it is safe at any time."
        })
final class PublishCommand implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(PublishCommand.class);

    @Mixin
    private PipelineOption pipeline;

    @Option(
            names = "--every",
            paramLabel = "INTERVAL",
            converter = DurationText.class,
            description =
                    "Go on publishing: look for new rows after this interval, such as 30s, and at once while there are any.")
    private Optional<Duration> every = Optional.empty();

    @Spec
    private CommandSpec command;

    @Override
    public Integer call() {
        Pipeline settings = pipeline.read();
        try (Shutdown shutdown = new Shutdown()) {
            Publisher publisher = new Publisher(settings, shutdown);
            if (every.isPresent()) {
                StoreWatch.during(settings.lake(), () -> loop(publisher, every.get(), shutdown));
            } else {
                once(settings, publisher);
            }
        }
        return 0;
    }

    private void once(Pipeline settings, Publisher publisher) {
        LakeAccess.require(settings.lake());
        PublishOutcome outcome = publisher.publish();
        String said = switch (outcome.kind()) {
            case PUBLISHED ->
                "Published " + outcome.upserted() + " rows and deleted " + outcome.deleted()
                        + ": MySQL is complete up to " + outcome.lsn();
            case NOTHING_NEW -> "Nothing new: MySQL is complete up to " + outcome.lsn();
            case STOPPED -> "Stopped within a publication; the next one goes on from the ledger";
            case NOT_BUILT ->
                throw new Failure(
                        Remedy.OPERATOR,
                        "Cannot publish: " + names(outcome)
                                + " not built yet. Run \"headwater backfill\" first, and \"headwater merge\" where that leaves them to it.");
        };
        command.commandLine().getOut().println(said);
    }

    private static void loop(Publisher publisher, Duration interval, Shutdown shutdown) {
        Retry retry = new Retry(Duration.ofSeconds(30));
        boolean saidWaiting = false;
        while (!shutdown.requested()) {
            try {
                PublishOutcome outcome = publisher.publish();
                retry.succeeded();
                if (outcome.kind() == PublishOutcome.Kind.NOT_BUILT && !saidWaiting) {
                    LOG.info("Waiting for \"headwater backfill\": {} not built yet", names(outcome));
                    saidWaiting = true;
                }
                if (outcome.kind() != PublishOutcome.Kind.PUBLISHED) {
                    shutdown.await(interval);
                }
            } catch (RuntimeException e) {
                if (e instanceof Failure failure && failure.remedy() != Remedy.RETRY) {
                    throw e;
                }
                // what nobody foresaw may pass as well: a service that is down publishes nothing
                LOG.debug("The last publication failed", e);
                retry.after("Publication", e, shutdown);
            }
        }
        LOG.info("Stopped");
    }

    private static String names(PublishOutcome outcome) {
        return (outcome.missing().size() == 1 ? "curated table " : "curated tables ")
                + String.join(", ", outcome.missing())
                + (outcome.missing().size() == 1 ? " is" : " are");
    }
}
