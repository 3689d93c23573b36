using System.Globalization;
using System.Text;
using YamlDotNet.RepresentationModel;

namespace ServiceQuality.Cli.Import;

/// <summary>How a value is made from a row.</summary>
internal abstract record ValueRule
{
    private const string Kinds = "text, number, integer, duration, yes-no";

    public abstract Cell Read(Row row);

    /// <summary>The constants that the rule can yield, for a check before any row is read.</summary>
    public virtual IEnumerable<object?> Constants => [];

    /// <summary>Reads a rule: a constant or template, a mapping, or a list of mappings of which the first whose <c>when</c> holds counts.</summary>
    /// <param name="node">The rule in the map.</param>
    /// <param name="field">Its place, for messages.</param>
    /// <param name="usual">What a cell is taken for when the rule does not say.</param>
    /// <param name="reading">The map being read.</param>
    public static ValueRule Read(YamlNode node, string field, string usual, MapReading reading) => node switch
    {
        YamlScalarNode scalar => Text(scalar, field, usual, reading),
        YamlSequenceNode list => new Choice([.. list.Children.Select((child, index) => ReadCase(child, $"{field}[{index}]", usual, reading))]),
        _ => ReadMapping(new MapSection(node, field, reading.Errors), usual, reading),
    };

    private static (RowCondition When, ValueRule Value) ReadCase(YamlNode node, string field, string usual, MapReading reading)
    {
        var section = new MapSection(node, field, reading.Errors);
        var when = RowCondition.Read(section.Take("when"), field + ".when", reading);
        return (when, ReadMapping(section, usual, reading));
    }

    private static Cooked ReadMapping(MapSection section, string usual, MapReading reading)
    {
        var kind = section.Text("as") ?? usual;
        if (!Kinds.Split(", ").Contains(kind))
            reading.Errors.Add(section.Node, section.Field + ".as", $"'{kind}' is not known; known are {Kinds}");

        var column = section.Text("column");
        var value = section.Take("value");
        if (column is null == value is null)
        {
            reading.Errors.Add(section.Node, section.Field, "needs either 'column' or 'value'");
            column ??= "";
        }

        var source = value is not null
            ? Text(value, section.Field + ".value", kind, reading)
            : new OfColumn(reading.Column(section, "column", column));
        var table = section.Table("map");
        if (section.Text("lookup") is { } name)
        {
            if (table is not null)
                reading.Errors.Add(section.Node, section.Field, "has both 'map' and 'lookup'");
            if (!reading.Lookups.TryGetValue(name, out table))
                reading.Errors.Add(section.Node, section.Field + ".lookup", $"'{name}' is not among the lookups");
        }

        decimal? scale = null;
        if (section.Text("scale") is { } factor && (scale = CellParsers.Number(factor)) is null)
            reading.Errors.Add(section.Node, section.Field + ".scale", $"'{factor}' is not a number");
        var rule = new Cooked(source, kind, reading.Decimal, table, section.Text("otherwise"), section.Text("default"), scale, column ?? "value");
        section.Done();
        return rule;
    }

    private static ValueRule Text(YamlNode node, string field, string kind, MapReading reading)
    {
        var text = (node as YamlScalarNode)?.Value ?? "";
        if (node is not YamlScalarNode)
            reading.Errors.Add(node, field, "must be a single value");
        var template = Template.Parse(text, out var fault);
        if (fault is not null)
            reading.Errors.Add(node, field, fault);
        foreach (var column in template.Columns)
            reading.Column(node, field, column);
        if (template.Columns.Any())
            return kind == "text" ? template : new Cooked(template, kind, reading.Decimal, null, null, null, null, "value");
        if (kind == "text")
            return new Constant(template.Literal);
        if (Interpret(template.Literal, kind, '.') is { } value)
            return new Constant(value);
        reading.Errors.Add(node, field, $"'{text}' is not a {kind}");
        return new Constant(null);
    }

    private static object? Interpret(string text, string kind, char separator) => kind switch
    {
        "number" => CellParsers.Number(text, separator),
        "integer" => CellParsers.Number(text, separator) is { } number && decimal.IsInteger(number) ? number : null,
        "duration" => CellParsers.Duration(text, separator),
        "yes-no" => CellParsers.YesNo(text),
        _ => text,
    };

    private sealed record Constant(object? Value) : ValueRule
    {
        public override IEnumerable<object?> Constants => [Value];

        public override Cell Read(Row row) => Cell.Of(Value);
    }

    private sealed record OfColumn(string Column) : ValueRule
    {
        public override Cell Read(Row row) => Cell.Of(row[Column] is { Length: > 0 } text ? text : null);
    }

    private sealed record Choice(IReadOnlyList<(RowCondition When, ValueRule Value)> Cases) : ValueRule
    {
        public override IEnumerable<object?> Constants => Cases.SelectMany(one => one.Value.Constants);

        public override Cell Read(Row row)
        {
            foreach (var (when, value) in Cases)
            {
                if (when.Holds(row))
                    return value.Read(row);
            }

            return Cell.Of(null);
        }
    }

    private sealed record Cooked(
        ValueRule Source, string Kind, char Separator, IReadOnlyDictionary<string, string>? Table, string? Otherwise, string? Default, decimal? Scale, string Named) : ValueRule
    {
        public override IEnumerable<object?> Constants => Kind != "text" ? [] : Table is null ? Source.Constants : [.. Table.Values, .. new[] { Otherwise, Default }.OfType<string>()];

        public override Cell Read(Row row)
        {
            var raw = Source.Read(row);
            if (raw.Fault is not null || (raw.Value is null && Default is null) || raw.Value is not (null or string))
                return raw;
            var text = (string?)raw.Value ?? Default!;
            if (raw.Value is not null && Table is not null)
            {
                if (!Table.TryGetValue(text, out var mapped) && (mapped = Otherwise) is null)
                    return Cell.Bad($"{Named}: '{text}' has no entry in the table");
                text = mapped;
            }

            if (text.Length == 0)
                return Cell.Of(null);
            return Interpret(text, Kind, Separator) switch
            {
                null => Cell.Bad($"{Named}: '{text}' is not a {Kind}"),
                decimal number when Scale is { } scale => Cell.Of(number * scale),
                var value => Cell.Of(value),
            };
        }
    }

    /// <summary>Text with <c>{column}</c> in it; <c>{{</c> and <c>}}</c> stand for braces.</summary>
    internal sealed record Template(IReadOnlyList<(string Literal, string? Column)> Parts) : ValueRule
    {
        public IEnumerable<string> Columns => Parts.Select(part => part.Column).OfType<string>();

        public string Literal => string.Concat(Parts.Select(part => part.Literal));

        public override Cell Read(Row row)
        {
            var text = new StringBuilder();
            foreach (var (literal, column) in Parts)
            {
                text.Append(literal);
                if (column is null)
                    continue;
                if (row[column] is not { Length: > 0 } cell)
                    return Cell.Bad($"{column}: is empty");
                text.Append(cell);
            }

            return Cell.Of(text.ToString());
        }

        public static Template Parse(string text, out string? fault)
        {
            fault = null;
            var parts = new List<(string, string?)>();
            var literal = new StringBuilder();
            for (var place = 0; place < text.Length; place++)
            {
                var letter = text[place];
                if (letter is '{' or '}' && place + 1 < text.Length && text[place + 1] == letter)
                {
                    literal.Append(letter);
                    place++;
                }
                else if (letter == '{')
                {
                    var end = text.IndexOf('}', place);
                    if (end < 0)
                    {
                        fault = string.Create(CultureInfo.InvariantCulture, $"the brace at character {place + 1} is not closed");
                        break;
                    }

                    parts.Add((literal.ToString(), text[(place + 1)..end]));
                    literal.Clear();
                    place = end;
                }
                else
                {
                    literal.Append(letter);
                }
            }

            parts.Add((literal.ToString(), null));
            return new Template(parts);
        }
    }
}
