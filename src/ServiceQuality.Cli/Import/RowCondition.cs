using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace ServiceQuality.Cli.Import;

/// <summary>A condition on a row. In the map: one test, a list of tests that must all hold, or <c>any:</c> with a list of which one must.</summary>
internal abstract record RowCondition
{
    private static readonly TimeSpan LongestMatch = TimeSpan.FromMilliseconds(100);

    public abstract bool Holds(Row row);

    private sealed record All(IReadOnlyList<RowCondition> Parts) : RowCondition
    {
        public override bool Holds(Row row) => Parts.All(part => part.Holds(row));
    }

    private sealed record Any(IReadOnlyList<RowCondition> Parts) : RowCondition
    {
        public override bool Holds(Row row) => Parts.Any(part => part.Holds(row));
    }

    private sealed record Test(string Column, Func<string, bool> Passes) : RowCondition
    {
        public override bool Holds(Row row) => Passes(row[Column]);
    }

    public static RowCondition Always { get; } = new All([]);

    public static RowCondition Read(YamlNode? node, string field, MapReading reading)
    {
        switch (node)
        {
            case null:
                return Always;
            case YamlSequenceNode list:
                return new All(ReadParts(list, field, reading));
            case YamlMappingNode mapping when mapping.Children.TryGetValue(new YamlScalarNode("any"), out var any) && any is YamlSequenceNode parts && mapping.Children.Count == 1:
                return new Any(ReadParts(parts, field + ".any", reading));
            default:
                return ReadTest(new MapSection(node, field, reading.Errors), reading);
        }
    }

    private static RowCondition[] ReadParts(YamlSequenceNode list, string field, MapReading reading) =>
        [.. list.Children.Select((child, index) => Read(child, $"{field}[{index}]", reading))];

    private static RowCondition ReadTest(MapSection section, MapReading reading)
    {
        var column = reading.Column(section, "column", section.Required("column"));
        var tests = new List<RowCondition>();
        if (section.Take("equals") is not null)
            Add(Same(section.Texts("equals")));
        if (section.Take("in") is not null)
            Add(Same(section.Texts("in")));
        if (section.Take("not") is not null)
        {
            var same = Same(section.Texts("not"));
            Add(text => !same(text));
        }

        if (section.Text("empty") is { } empty)
        {
            if (CellParsers.YesNo(empty) is { } wanted)
                Add(text => text.Length == 0 == wanted);
            else
                reading.Errors.Add(section.Node, section.Field + ".empty", "must be true or false");
        }

        if (section.Text("matches") is { } pattern)
        {
            try
            {
                var regex = new Regex(pattern, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking, LongestMatch);
                Add(regex.IsMatch);
            }
            catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
            {
                reading.Errors.Add(section.Node, section.Field + ".matches", "is not a regular expression that can be used: " + exception.Message);
            }
        }

        AddLimit("above", (value, limit) => value > limit);
        AddLimit("below", (value, limit) => value < limit);
        section.Done();
        if (tests.Count == 0)
            reading.Errors.Add(section.Node, section.Field, "says no test; known are equals, not, in, empty, matches, above, below");
        return tests.Count == 1 ? tests[0] : new All(tests);

        void Add(Func<string, bool> test) => tests.Add(new Test(column, test));

        void AddLimit(string key, Func<decimal, decimal, bool> compare)
        {
            if (section.Text(key) is not { } text)
                return;
            if (CellParsers.Number(text) is { } limit)
                Add(cell => CellParsers.Number(cell, reading.Decimal) is { } value && compare(value, limit));
            else
                reading.Errors.Add(section.Node, $"{section.Field}.{key}", $"'{text}' is not a number");
        }
    }

    private static Func<string, bool> Same(IReadOnlyList<string> wanted) => text => wanted.Contains(text, StringComparer.Ordinal);
}
