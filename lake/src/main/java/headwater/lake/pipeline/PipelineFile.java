package headwater.lake.pipeline;

import headwater.lake.contract.SourceTable;
import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import headwater.lake.process.Secret;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.nodes.Node;

/**
 * Reads a pipeline file. Every fault is found before any is reported, each with its line; an unknown key is a fault.
 * Values may hold {@code ${NAME}} or {@code ${NAME:-default}} from the environment; a password is exactly one
 * {@code ${NAME}} or {@code file:PATH}.
 */
public final class PipelineFile {
    /** The pipeline that ships and that commands use by default. */
    public static final String SHIPPED = "medicare-part-d";

    static final String IDENTIFIER = "[a-z][a-z0-9_]{0,62}";
    /** As many characters as keep a salt from being guessed. */
    private static final int LEAST_SALT = 16;

    private static final String VIEW_NAME = "(?=.{1,64}$)[\\p{L}0-9_]+( [\\p{L}0-9_]+)*";

    /** Reads a file, or a shipped pipeline by its name, with the process's environment. */
    public static Pipeline read(String fileOrName) {
        return read(fileOrName, System.getenv()::get);
    }

    /**
     * Reads a file, or a shipped pipeline by its name.
     *
     * @param environment value of a variable, or null
     */
    public static Pipeline read(String fileOrName, UnaryOperator<String> environment) {
        return parse(fileOrName, text(fileOrName), environment);
    }

    /**
     * Reads a pipeline from its text.
     *
     * @param origin what messages call the file
     * @param environment value of a variable, or null
     */
    public static Pipeline parse(String origin, String text, UnaryOperator<String> environment) {
        Faults faults = new Faults(origin);
        Node root;
        try {
            LoaderOptions strict = new LoaderOptions();
            strict.setAllowDuplicateKeys(false);
            root = new Yaml(strict).compose(new StringReader(text));
        } catch (MarkedYAMLException e) {
            throw new Failure(Remedy.USAGE, "Cannot read " + origin + ", it is not valid YAML: " + e.getMessage(), e);
        }
        if (root == null) {
            throw new Failure(Remedy.USAGE, "Cannot read " + origin + ": the file is empty.");
        }
        Section file = Section.of("", root, faults, new Substitution(environment, faults));
        Pipeline pipeline = pipeline(file, faults);
        faults.throwIfAny();
        return pipeline;
    }

    private static String text(String fileOrName) {
        Path file = Path.of(fileOrName);
        try {
            if (Files.isRegularFile(file)) {
                return Files.readString(file);
            }
            try (InputStream shipped =
                    PipelineFile.class.getResourceAsStream("/pipelines/" + fileOrName + "/pipeline.yaml")) {
                if (shipped != null) {
                    return new String(shipped.readAllBytes(), StandardCharsets.UTF_8);
                }
            }
        } catch (IOException e) {
            throw new Failure(Remedy.USAGE, "Cannot read the pipeline file " + file + ": " + e.getMessage(), e);
        }
        throw new Failure(
                Remedy.USAGE,
                "There is no pipeline file " + file.toAbsolutePath()
                        + " and no shipped pipeline of that name. Give --pipeline a file, or " + SHIPPED + ".");
    }

    private static Pipeline pipeline(Section file, Faults faults) {
        file.checkKeys();
        if (!file.text("format", "1").equals("1")) {
            faults.add(file.line("format"), "format must be 1, the only one that this version reads");
        }
        Section salted = file.section("source");
        Secret maskSalt = salted.has("maskSalt") ? salted.secret("maskSalt") : new Secret("");
        List<TableSpec> tables = file.required("tables").entries().stream()
                .map(entry -> table(entry, maskSalt, faults))
                .toList();
        checkSameSource(tables, file.line("tables"), faults);
        Set<String> cleansed = new LinkedHashSet<>();
        tables.forEach(table -> cleansed.add(table.name()));
        Section reports = file.section("curated");
        Set<String> names = new LinkedHashSet<>(cleansed);
        reports.entries().forEach(entry -> names.add(entry.name()));
        List<CuratedSpec> curated = new CuratedSection(reports, cleansed, names, faults).tables();
        Section constants = file.section("constants");
        TableNames.checkConstants(constants, names, faults);
        return new Pipeline(
                file.matching(
                        "name", "[a-z][a-z0-9-]{0,62}", "lower case letters, digits and -, a letter first, at most 63"),
                source(file.required("source")),
                lake(file.required("lake")),
                target(file.required("target")),
                report(file.section("report")),
                capture(file.section("capture")),
                merge(file.section("merge")),
                tables,
                constants.texts(),
                curated,
                views(file.section("views"), curated, faults));
    }

    /** A view shares its names with tables, and some servers do not tell upper from lower case in them. */
    private static Map<String, String> views(Section views, List<CuratedSpec> curated, Faults faults) {
        Map<String, String> byName = views.texts();
        byName.keySet().stream()
                .filter(name -> !name.matches(VIEW_NAME))
                .forEach(name -> faults.add(
                        views.line(name),
                        "views." + name
                                + " must be named in letters, digits, _ and single blanks between them, at most 64"));
        byName.keySet().stream()
                .filter(name -> name.toLowerCase(Locale.ROOT).startsWith("headwater_")
                        || curated.stream().anyMatch(table -> table.name().equalsIgnoreCase(name)))
                .forEach(name -> faults.add(
                        views.line(name), "views." + name + " has the name of a table; give the view another one"));
        return byName;
    }

    private static SourceSettings source(Section source) {
        source.checkKeys();
        Section tls = source.section("tls");
        tls.checkKeys();
        return new SourceSettings(
                source.matching(
                        "url",
                        SourceSettings.URL.pattern(),
                        "jdbc:postgresql://HOST:PORT/DATABASE of one host, without parameters"),
                source.text("user"),
                source.secret("password"),
                source.matching("slot", "[a-z0-9_]{1,63}", "lower case letters, digits and _, at most 63", "headwater"),
                source.oneOf("failover", "false", "true", "false").equals("true"),
                source.matching(
                        "publication",
                        IDENTIFIER,
                        "lower case letters, digits and _, a letter first, at most 63",
                        "headwater"),
                tls.oneOf("mode", "disable", "disable", "require", "verify-full"),
                tls.text("rootCertificate", ""));
    }

    private static LakeSettings lake(Section lake) {
        lake.checkKeys();
        return new LakeSettings(
                lake.matching(
                        "root",
                        "(s3a?://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/.*)?|file:/.+)",
                        "s3a://BUCKET/PREFIX, the bucket named in lower case letters, digits, - and ., or file:/FOLDER"),
                lake.section("options").texts());
    }

    private static TargetSettings target(Section target) {
        target.checkKeys();
        return new TargetSettings(
                target.matching(
                        "url",
                        TargetSettings.URL.pattern(),
                        "jdbc:mysql://HOST:PORT/DATABASE of one host, without parameters"),
                target.text("user"),
                target.secret("password"),
                target.oneOf("tls", "DISABLED", "DISABLED", "REQUIRED", "VERIFY_IDENTITY"),
                target.number("maxTransactionRows", 100_000, 1, 10_000_000),
                target.duration("timeout", "50s"));
    }

    private static ReportSettings report(Section report) {
        report.checkKeys();
        String user = report.text("user", "");
        return new ReportSettings(
                user,
                // without a user of its own the password is nobody's
                user.isEmpty() ? new Secret("") : report.secret("password"),
                report.duration("staleAfter", "5m"));
    }

    private static CaptureSettings capture(Section capture) {
        capture.checkKeys();
        return new CaptureSettings(
                capture.duration("flushInterval", "1s"),
                capture.number("flushBytes", 16 << 20, 1 << 16, 1 << 28),
                (long) capture.number("warnWalMebibytes", 1024, 1, 1 << 30) << 20,
                capture.duration("warnBefore", "24h"));
    }

    private static MergeSettings merge(Section merge) {
        merge.checkKeys();
        String form = merge.oneOf("form", "auto", "auto", "merge");
        return new MergeSettings(MergeSettings.Form.valueOf(form.toUpperCase(Locale.ROOT)));
    }

    private static TableSpec table(Section table, Secret maskSalt, Faults faults) {
        table.checkKeys();
        if (!table.name().matches(IDENTIFIER)) {
            faults.add(table.line(), table.path() + " must be named in lower case letters, digits and _");
        }
        Map<String, String> columns = table.required("columns").texts();
        List<String> key = table.names("key");
        key.stream()
                .filter(column -> !columns.containsKey(column))
                .forEach(column -> faults.add(
                        table.line("key"), table.path() + ".key names " + column + ", which is not among its columns"));
        columns.keySet().stream()
                .filter(column -> column.startsWith("_"))
                .forEach(column -> faults.add(
                        table.line("columns"), table.path() + ".columns." + column + " must not begin with _"));
        TableNames.check(table, key, columns, faults);
        List<Rule> rules = new ArrayList<>();
        table.section("rules").texts().forEach((name, condition) -> rules.add(new Rule(name, condition)));
        Set<String> exclude = optionalNames(table, "exclude");
        Map<String, Mask> masks = masks(table, maskSalt, faults);
        key.stream()
                .filter(exclude::contains)
                .forEach(column -> faults.add(
                        table.line("exclude"),
                        table.path() + ".exclude names " + column + ", which is part of the key"));
        key.stream()
                .filter(masks::containsKey)
                .forEach(
                        column -> faults.add(
                                table.line("mask"),
                                table.path() + ".mask names " + column
                                        + ", which is part of the key: a masked key would not be the row's. Mask other columns, or choose another key"));
        exclude.stream()
                .filter(masks::containsKey)
                .forEach(column -> faults.add(
                        table.line("mask"),
                        table.path() + ".mask names " + column + ", which is excluded and so needs no mask"));
        return new TableSpec(
                table.name(),
                sourceTable(table, faults),
                key,
                table.oneOf("text", "exact", "exact", "normalized").equals("normalized"),
                columns,
                rules,
                optionalNames(table, "asText"),
                exclude,
                masks);
    }

    /** Two cleansed tables of one source table share its rows in raw, which are there in one form. */
    private static void checkSameSource(List<TableSpec> tables, int line, Faults faults) {
        Map<SourceTable, TableSpec> first = new LinkedHashMap<>();
        for (TableSpec table : tables) {
            TableSpec other = first.putIfAbsent(table.source(), table);
            if (other != null
                    && !(other.masks().equals(table.masks())
                            && other.asText().equals(table.asText())
                            && other.exclude().equals(table.exclude()))) {
                faults.add(
                        line,
                        "tables." + other.name() + " and tables." + table.name() + " read the same source, "
                                + table.source() + ", and must have the same mask, asText and exclude");
            }
        }
    }

    private static Set<String> optionalNames(Section table, String key) {
        return new LinkedHashSet<>(table.has(key) ? table.names(key) : List.of());
    }

    private static Map<String, Mask> masks(Section table, Secret salt, Faults faults) {
        Section masks = table.section("mask");
        Map<String, Mask> byColumn = new LinkedHashMap<>();
        masks.texts().keySet().forEach(column -> {
            String kind = masks.oneOf(column, "redact", "hash", "redact");
            if (kind.equals("hash") && salt.value().length() < LEAST_SALT) {
                faults.add(
                        masks.line(column),
                        masks.path() + "." + column + " is hash, which needs source.maskSalt of at least " + LEAST_SALT
                                + " characters");
            }
            byColumn.put(column, new Mask(Mask.Kind.valueOf(kind.toUpperCase(Locale.ROOT)), salt));
        });
        return byColumn;
    }

    private static SourceTable sourceTable(Section table, Faults faults) {
        String text = table.text("source");
        try {
            return SourceTable.parse(text);
        } catch (IllegalArgumentException e) {
            if (!text.isEmpty()) {
                faults.add(table.line("source"), table.path() + ".source: " + e.getMessage());
            }
            return new SourceTable("?", "?");
        }
    }

    /** A password: {@code ${NAME}} or {@code file:PATH}, never the text itself. */
    static Secret secret(String path, int line, String raw, UnaryOperator<String> environment, Faults faults) {
        if (raw.startsWith("file:")) {
            try {
                return new Secret(Files.readString(Path.of(raw.substring("file:".length())))
                        .strip());
            } catch (IOException e) {
                faults.add(line, path + " names a file that cannot be read: " + e.getMessage());
                return new Secret("");
            }
        }
        if (!raw.matches("\\$\\{[A-Za-z_][A-Za-z0-9_]*}")) {
            faults.add(
                    line, path + " must be ${NAME} of an environment variable or file:PATH, never the secret itself");
            return new Secret("");
        }
        return new Secret(new Substitution(environment, faults).apply(path, line, raw));
    }

    private PipelineFile() {}
}
