using System.Text;
using ServiceQuality.Cli.Telemetry;
using ServiceQuality.Contracts.Facts;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace ServiceQuality.Cli.Import;

/// <summary>How the CSV file is written.</summary>
/// <param name="Delimiter">Between cells.</param>
/// <param name="Encoding">Of the text; a byte order mark wins.</param>
/// <param name="Columns">Names of the columns of a file without a header line; else null.</param>
internal sealed record CsvForm(char Delimiter, Encoding Encoding, IReadOnlyList<string>? Columns);

/// <summary>What is known while a map is read.</summary>
internal sealed record MapReading(MapErrors Errors, IReadOnlyList<string> Columns, IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> Lookups, char Decimal, TimeZoneInfo DefaultZone)
{
    public string Column(MapSection section, string key, string? column)
    {
        Column(section.Node, $"{section.Field}.{key}", column);
        return column ?? "";
    }

    public void Column(YamlNode at, string field, string? column)
    {
        if (!string.IsNullOrEmpty(column) && !Columns.Contains(column, StringComparer.Ordinal))
            Errors.Add(at, field, $"the file has no column '{column}'; it has {string.Join(", ", Columns)}");
    }

    public TimeZoneInfo Zone(YamlNode at, string field, string name)
    {
        if (TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone))
            return zone;
        Errors.Add(at, field, $"'{name}' is not a time zone; write for example Asia/Shanghai");
        return TimeZoneInfo.Utc;
    }
}

/// <summary>What one row says by one rule of the map.</summary>
/// <param name="Fact">The fact; null when the row cannot be taken.</param>
/// <param name="Fault">Why it cannot.</param>
internal sealed record Reported(CloudEvent? Fact, string? Fault);

/// <summary>How rows become facts; read from YAML (docs/integration.md, the map).</summary>
internal sealed class ImportMap
{
    private ImportMap(CsvForm form, IReadOnlyList<FactRule> facts) => (Form, Facts) = (form, facts);

    public CsvForm Form { get; }

    public IReadOnlyList<FactRule> Facts { get; }

    /// <summary>Reads a map and checks it against the file it is for.</summary>
    /// <param name="text">The YAML.</param>
    /// <param name="name">Name of the map file, for messages.</param>
    /// <param name="folder">Where lookup files are looked for.</param>
    /// <param name="header">Reads the column names of the data file.</param>
    /// <exception cref="MapException">The map has faults; all of them are told.</exception>
    public static ImportMap Read(string text, string name, string folder, Func<CsvForm, IReadOnlyList<string>> header)
    {
        var errors = new MapErrors(name);
        var root = Load(text, name);
        var section = new MapSection(root, "map", errors);
        if (section.Required("version") is { } version && version != "1")
            errors.Add(section.Take("version"), "version", $"is {version}; this program reads version 1");

        var csv = section.Take("csv") is { } node ? new MapSection(node, "csv", errors) : null;
        var form = ReadForm(csv, errors);
        var reading = new MapReading(errors, [], new Dictionary<string, IReadOnlyDictionary<string, string>>(), csv?.Text("decimal") is [var single] ? single : '.', TimeZoneInfo.Utc);
        if (csv?.Text("timeZone") is { } zone)
            reading = reading with { DefaultZone = reading.Zone(csv.Node, "csv.timeZone", zone) };
        csv?.Done();
        errors.ThrowIfAny();

        reading = reading with { Columns = header(form), Lookups = ReadLookups(section.Take("lookups"), folder, errors) };
        var facts = new List<FactRule>();
        if (section.Take("facts") is YamlSequenceNode { Children.Count: > 0 } list)
            facts.AddRange(list.Children.Select((child, index) => FactRule.Read(new MapSection(child, $"facts[{index}]", errors), reading)).OfType<FactRule>());
        else
            errors.Add(root, "facts", "must be a list with at least one kind of fact");
        section.Done();
        errors.ThrowIfAny();
        return new ImportMap(form, facts);
    }

    private static YamlNode Load(string text, string name)
    {
        try
        {
            var stream = new YamlStream();
            stream.Load(new StringReader(text));
            return stream.Documents.Count == 1 ? stream.Documents[0].RootNode : throw new MapException([$"{name}: must hold one YAML document"]);
        }
        catch (YamlException exception)
        {
            throw new MapException([$"{name}:{exception.Start.Line}: is not YAML: {exception.Message}"]);
        }
    }

    private static CsvForm ReadForm(MapSection? csv, MapErrors errors)
    {
        Encoding encoding = new UTF8Encoding(false);
        if (csv?.Text("encoding") is { } name && !name.Equals("utf-8", StringComparison.OrdinalIgnoreCase))
        {
            // GB 18030 and other code pages, in which older branch systems export.
            Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
            try
            {
                encoding = Encoding.GetEncoding(name, EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback);
            }
            catch (ArgumentException)
            {
                errors.Add(csv.Node, "csv.encoding", $"'{name}' is not an encoding; write for example utf-8 or gb18030");
            }
        }

        var delimiter = csv?.Text("delimiter") ?? ",";
        if (delimiter == "tab")
            delimiter = "\t";
        if (delimiter is not [var single] || !char.IsAscii(single))
        {
            errors.Add(csv!.Node, "csv.delimiter", $"'{delimiter}' is not one ASCII character, nor the word tab");
            single = ',';
        }

        var columns = csv?.Texts("columns") ?? [];
        return new CsvForm(single, encoding, columns.Count > 0 ? columns : null);
    }

    private static Dictionary<string, IReadOnlyDictionary<string, string>> ReadLookups(YamlNode? node, string folder, MapErrors errors)
    {
        var lookups = new Dictionary<string, IReadOnlyDictionary<string, string>>();
        if (node is null)
            return lookups;
        var section = new MapSection(node, "lookups", errors);
        foreach (var name in section.Keys)
        {
            if (section.Take(name) is YamlScalarNode { Value: { Length: > 0 } file } place)
                lookups[name] = ReadLookupFile(Path.Combine(folder, file), place, name, errors);
            else
                lookups[name] = section.Table(name)!;
        }

        return lookups;
    }

    private static Dictionary<string, string> ReadLookupFile(string file, YamlNode place, string name, MapErrors errors)
    {
        var table = new Dictionary<string, string>();
        if (!File.Exists(file))
        {
            errors.Add(place, "lookups." + name, $"there is no file {file}");
            return table;
        }

        using var reader = new CsvSource(file, new CsvForm(',', new UTF8Encoding(false), null));
        while (reader.Read())
        {
            if (reader.Cells is [{ Length: > 0 } from, { Length: > 0 } to, ..])
                table[from] = to;
            else
                errors.Add(place, "lookups." + name, $"line {reader.Line} of {file} does not hold a value and a code");
        }

        return table;
    }
}

/// <summary>One kind of fact that rows report.</summary>
internal sealed record FactRule(
    RowCondition When, ValueRule Id, ValueRule Source, ValueRule Subject, TimeRule Time, string Type, FactShape Shape, IReadOnlyList<DataRule?> Data)
{
    public static FactRule? Read(MapSection section, MapReading reading)
    {
        var when = RowCondition.Read(section.Take("when"), section.Field + ".when", reading);
        var (id, source, subject) = (Text("id"), Text("source"), Text("subject"));
        var time = section.Take("time") is { } node ? TimeRule.Read(new MapSection(node, section.Field + ".time", reading.Errors), reading) : null;
        if (time is null)
            reading.Errors.Add(section.Node, section.Field + ".time", "is missing");

        var type = section.Required("type") ?? "";
        var shape = FactShape.Of(type);
        if (shape is null && type.Length > 0)
            reading.Errors.Add(section.Take("type"), section.Field + ".type", $"'{type}' is not a fact type; known are {string.Join(", ", FactShape.Types)}");
        var data = section.Take("data") is { } values ? ReadData(new MapSection(values, section.Field + ".data", reading.Errors), shape, reading) : null;
        if (data is null)
            reading.Errors.Add(section.Node, section.Field + ".data", "is missing");
        section.Done();
        return id is null || source is null || subject is null || time is null || shape is null || data is null
            ? null
            : new FactRule(when, id, source, subject, time, type, shape, data);

        ValueRule? Text(string key)
        {
            if (section.Take(key) is { } rule)
                return ValueRule.Read(rule, $"{section.Field}.{key}", "text", reading);
            reading.Errors.Add(section.Node, $"{section.Field}.{key}", "is missing");
            return null;
        }
    }

    /// <summary>The fact of this kind that a row reports; null when the row reports none.</summary>
    public Reported? Report(Row row, int shiftDays)
    {
        if (!When.Holds(row))
            return null;
        if (Time.Local(row, out var fault) is not { } local)
            return new Reported(null, fault);
        var head = new string[3];
        foreach (var (rule, name, place) in new[] { (Id, "id", 0), (Source, "source", 1), (Subject, "subject", 2) })
        {
            var cell = rule.Read(row);
            if (cell is not { Fault: null, Value: string { Length: > 0 } text })
                return new Reported(null, cell.Fault ?? $"{name}: is empty");
            head[place] = text;
        }

        var values = new object?[Data.Count];
        for (var index = 0; index < values.Length; index++)
        {
            var cell = Data[index]?.Read(row) ?? Shape.Fields[index].Fit(null);
            if (cell.Fault is not null)
                return new Reported(null, cell.Fault);
            values[index] = cell.Value;
        }

        return new Reported(new CloudEvent(head[0], head[1], Type, head[2], Time.Moment(local, shiftDays), Shape.Make(values)), null);
    }

    private static DataRule?[]? ReadData(MapSection section, FactShape? shape, MapReading reading)
    {
        if (shape is null)
            return [];
        var rules = shape.Fields.Select(field => section.Take(field.Name) is { } rule ? DataRule.Read(rule, field, $"{section.Field}.{field.Name}", reading) : null).ToArray();
        foreach (var (field, rule) in shape.Fields.Zip(rules))
        {
            if (rule is null && !field.Optional)
                reading.Errors.Add(section.Node, $"{section.Field}.{field.Name}", "is missing");
        }

        section.Done();
        return rules;
    }
}

/// <summary>How one field of the data is made: from one rule, or as a table of rules (answers by question).</summary>
internal sealed record DataRule(FactField Field, ValueRule? Single, IReadOnlyList<(string Name, ValueRule Rule)> Table)
{
    public static DataRule Read(YamlNode node, FactField field, string place, MapReading reading)
    {
        if (!field.IsTable)
        {
            var rule = ValueRule.Read(node, place, field.Usual, reading);
            foreach (var name in rule.Constants.OfType<string>().Where(name => field.Names?.Contains(name) == false))
                reading.Errors.Add(node, place, $"'{name}' is none of {string.Join(", ", field.Names!.Order())}");
            return new DataRule(field, rule, []);
        }

        var section = new MapSection(node, place, reading.Errors);
        return new DataRule(field, null, [.. section.Keys.Select(name => (name, ValueRule.Read(section.Take(name)!, $"{place}.{name}", "number", reading)))]);
    }

    public Cell Read(Row row)
    {
        if (Single is not null)
        {
            var cell = Single.Read(row);
            return cell.Fault is null ? Field.Fit(cell.Value) : cell with { Fault = $"{Field.Name} ← {cell.Fault}" };
        }

        var table = new Dictionary<string, double>();
        foreach (var (name, rule) in Table)
        {
            var cell = rule.Read(row);
            if (cell.Fault is not null)
                return cell with { Fault = $"{Field.Name}.{name} ← {cell.Fault}" };
            if (cell.Value is decimal number)
                table[name] = (double)number;
        }

        return table.Count > 0 ? Cell.Of(table) : Cell.Bad($"{Field.Name}: is empty");
    }
}
