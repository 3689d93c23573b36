using System.Globalization;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace ServiceQuality.Deploy.Manifests;

/// <summary>YAML as the JSON that it stands for (YAML 1.2, core schema).</summary>
internal static class Yaml
{
    /// <summary>Every document of a stream; empty ones are left out.</summary>
    public static IReadOnlyList<JsonObject> Read(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        return [.. stream.Documents.Select(document => Of(document.RootNode)).OfType<JsonObject>()];
    }

    private static JsonNode? Of(YamlNode node) => node switch
    {
        YamlMappingNode map => new JsonObject(Entries(map).Select(entry => KeyValuePair.Create(entry.Key, Of(entry.Value)))),
        YamlSequenceNode list => new JsonArray([.. list.Children.Select(Of)]),
        YamlScalarNode { Style: ScalarStyle.Plain } plain => Plain(plain.Value ?? ""),
        YamlScalarNode quoted => JsonValue.Create(quoted.Value),
        _ => throw new NotSupportedException($"{node.NodeType} in YAML"),
    };

    /// <summary>What a mapping holds, with what it takes over by <c>&lt;&lt;</c>: its own entries win, then the first that is named.</summary>
    private static Dictionary<string, YamlNode> Entries(YamlMappingNode map)
    {
        var entries = map.Children.Where(entry => !IsMerge(entry.Key)).ToDictionary(entry => ((YamlScalarNode)entry.Key).Value!, entry => entry.Value);
        var sources = map.Children.Where(entry => IsMerge(entry.Key)).SelectMany(entry => entry.Value is YamlSequenceNode several ? several.Children : [entry.Value]);
        foreach (var (name, value) in sources.SelectMany(source => Entries((YamlMappingNode)source)))
            entries.TryAdd(name, value);
        return entries;
    }

    private static bool IsMerge(YamlNode key) => key is YamlScalarNode { Value: "<<", Style: ScalarStyle.Plain };

    private static JsonValue? Plain(string text) => text switch
    {
        "" or "~" or "null" => null,
        "true" or "false" => JsonValue.Create(text == "true"),
        _ when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) => JsonValue.Create(whole),
        _ when char.IsAsciiDigit(text[^1]) && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => JsonValue.Create(number),
        _ => JsonValue.Create(text),
    };
}
