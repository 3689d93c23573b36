using YamlDotNet.RepresentationModel;

namespace ServiceQuality.Cli.Import;

/// <summary>A map that cannot be used, with every fault that was found in it.</summary>
internal sealed class MapException(IReadOnlyList<string> faults) : Exception(string.Join(Environment.NewLine, faults))
{
    public IReadOnlyList<string> Faults { get; } = faults;
}

/// <summary>Collects the faults of a map as <c>file:line: field: what is wrong</c>, so that all are told at once.</summary>
internal sealed class MapErrors(string file)
{
    private readonly List<string> faults = [];

    public bool Any => faults.Count > 0;

    public void Add(YamlNode? at, string field, string fault) =>
        faults.Add(at is null ? $"{file}: {field}: {fault}" : $"{file}:{at.Start.Line}: {field}: {fault}");

    public void ThrowIfAny()
    {
        if (Any)
            throw new MapException([.. faults]);
    }
}

/// <summary>A mapping of the map file, read key by key; keys that nobody asked for are faults.</summary>
internal sealed class MapSection
{
    private readonly Dictionary<string, YamlNode> entries = [];
    private readonly HashSet<string> read = [];
    private readonly MapErrors errors;

    public MapSection(YamlNode node, string field, MapErrors errors)
    {
        (Node, Field, this.errors) = (node, field, errors);
        if (node is not YamlMappingNode mapping)
        {
            errors.Add(node, field, "must be a mapping (key: value)");
            return;
        }

        foreach (var (key, value) in mapping.Children)
            entries[((YamlScalarNode)key).Value ?? ""] = value;
    }

    public YamlNode Node { get; }

    public string Field { get; }

    public IEnumerable<string> Keys => entries.Keys;

    public YamlNode? Take(string key)
    {
        read.Add(key);
        return entries.GetValueOrDefault(key);
    }

    public string? Text(string key)
    {
        var node = Take(key);
        if (node is null or YamlScalarNode)
            return (node as YamlScalarNode)?.Value;
        errors.Add(node, $"{Field}.{key}", "must be a single value");
        return null;
    }

    public string? Required(string key)
    {
        var text = Text(key);
        if (string.IsNullOrEmpty(text) && !(entries.GetValueOrDefault(key) is { } node and not YamlScalarNode))
            errors.Add(entries.GetValueOrDefault(key) ?? Node, $"{Field}.{key}", "is missing");
        return text;
    }

    public IReadOnlyList<string> Texts(string key)
    {
        switch (Take(key))
        {
            case null:
                return [];
            case YamlScalarNode { Value: { } single }:
                return [single];
            case YamlSequenceNode list when list.Children.All(child => child is YamlScalarNode):
                return [.. list.Children.Select(child => ((YamlScalarNode)child).Value ?? "")];
            case { } other:
                errors.Add(other, $"{Field}.{key}", "must be a value or a list of values");
                return [];
        }
    }

    public IReadOnlyDictionary<string, string>? Table(string key)
    {
        if (Take(key) is not { } node)
            return null;
        var section = new MapSection(node, $"{Field}.{key}", errors);
        return section.Keys.ToDictionary(entry => entry, entry => section.Text(entry) ?? "");
    }

    /// <summary>To be called when all keys have been asked for.</summary>
    public void Done()
    {
        foreach (var key in entries.Keys.Where(key => !read.Contains(key)))
            errors.Add(entries[key], $"{Field}.{key}", $"is not known; known are {string.Join(", ", read.Order())}");
    }
}
