using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ServiceQuality.Deploy.Manifests;

namespace ServiceQuality.Deploy;

/// <summary>
/// JSON Schema, as far as the schemas in <c>schemas/</c> use it. A keyword that it does not know is an exception, so that nothing goes unchecked.
/// With <paramref name="closed"/> a field that the schema does not name is an error, as in the strict field validation of Kubernetes' API server.
/// </summary>
internal sealed class Schemas(JsonObject document, bool closed)
{
    private static readonly HashSet<string> Silent = ["format", "default", "deprecated", "$schema", "$id", "definitions"];

    public static Schemas Kubernetes { get; } = new((JsonObject)JsonNode.Parse(Tree.Read("tests", "ServiceQuality.Deploy.Tests", "schemas", "kubernetes.json"))!, closed: true);

    public static Schemas Compose { get; } = new((JsonObject)JsonNode.Parse(Tree.Read("tests", "ServiceQuality.Deploy.Tests", "schemas", "compose.json"))!, closed: false);

    /// <summary>What is wrong with an object of Kubernetes.</summary>
    public IEnumerable<string> CheckObject(JsonObject item)
    {
        var kind = $"{item.Text("apiVersion")} {item.Text("kind")}";
        return document.Text("kinds", kind) is { } definition
            ? Check(item, document.At("definitions", definition)!, item.Text("metadata", "name") ?? "?").Select(problem => $"{kind} {problem}")
            : [$"{kind}: there is no schema of this kind"];
    }

    /// <summary>What is wrong with a file that the whole document describes.</summary>
    public IEnumerable<string> CheckFile(JsonObject file) => Check(file, document, "");

    private IEnumerable<string> Check(JsonNode? value, JsonNode schema, string at) =>
        schema is JsonObject map ? map.SelectMany(keyword => Check(value, map, keyword.Key, keyword.Value!, at))
        : schema.GetValue<bool>() ? [] : [$"{at}: is not wanted"];

    private IEnumerable<string> Check(JsonNode? value, JsonObject schema, string keyword, JsonNode rule, string at) => keyword switch
    {
        "$ref" => Check(value, document.At(rule.ToString().Split('/')[1..]) ?? throw new InvalidOperationException($"{rule} leads nowhere"), at),
        "type" => Types(rule).Any(type => IsOf(value, type)) ? [] : [$"{at}: is not {string.Join(" or ", Types(rule))}"],
        "properties" => Properties(value, schema, at),
        "patternProperties" => schema.ContainsKey("properties") ? [] : Properties(value, schema, at),
        "additionalProperties" => schema.ContainsKey("properties") || schema.ContainsKey("patternProperties") ? [] : Properties(value, schema, at),
        "required" => value is JsonObject map ? schema.Texts("required").Where(name => !map.ContainsKey(name)).Select(name => $"{at}: lacks {name}") : [],
        "items" => value is JsonArray list ? list.SelectMany((item, index) => Check(item, rule, $"{at}[{index}]")) : [],
        "enum" => schema.At("enum")!.AsArray().Any(allowed => JsonNode.DeepEquals(allowed, value)) ? [] : [$"{at}: “{value}” is not one of {string.Join(", ", schema.Texts("enum"))}"],
        "oneOf" => ((JsonArray)rule).Count(each => !Check(value, each!, at).Any()) == 1 ? [] : [$"{at}: fits none, or more than one, of its forms"],
        "anyOf" => ((JsonArray)rule).Any(each => !Check(value, each!, at).Any()) ? [] : [$"{at}: fits none of its forms"],
        "pattern" => value is JsonValue text && text.TryGetValue<string>(out var word) && !Regex.IsMatch(word, rule.ToString(), RegexOptions.None, TimeSpan.FromSeconds(1)) ? [$"{at}: “{word}” does not match {rule}"] : [],
        "minimum" => Number(value) < Number(rule) ? [$"{at}: is less than {rule}"] : [],
        "maximum" => Number(value) > Number(rule) ? [$"{at}: is more than {rule}"] : [],
        "minLength" => value is JsonValue text && text.TryGetValue<string>(out var word) && word.Length < rule.GetValue<int>() ? [$"{at}: is shorter than {rule}"] : [],
        "uniqueItems" => value is JsonArray list && list.Select(item => item!.ToJsonString()).Distinct().Count() < list.Count ? [$"{at}: holds something twice"] : [],
        _ when Silent.Contains(keyword) || keyword.StartsWith("x-", StringComparison.Ordinal) || keyword == "kinds" => [],
        _ => throw new NotSupportedException($"JSON Schema keyword {keyword}"),
    };

    private IEnumerable<string> Properties(JsonNode? value, JsonObject schema, string at)
    {
        if (value is not JsonObject map)
            yield break;
        foreach (var (name, item) in map)
        {
            var path = $"{at}.{name}";
            var pattern = (schema.At("patternProperties") as JsonObject)?.FirstOrDefault(each => Regex.IsMatch(name, each.Key, RegexOptions.None, TimeSpan.FromSeconds(1)));
            if ((schema.At("properties", name) ?? pattern?.Value ?? schema.At("additionalProperties")) is { } rule)
            {
                foreach (var problem in Check(item, rule, path))
                    yield return problem;
            }
            else if (closed && schema.ContainsKey("properties"))
                yield return $"{path}: there is no such field";
        }
    }

    private static double? Number(JsonNode? value) => value?.GetValueKind() == JsonValueKind.Number ? double.Parse(value.ToString(), CultureInfo.InvariantCulture) : null;

    private static IEnumerable<string> Types(JsonNode rule) => rule is JsonArray several ? several.Select(type => type!.ToString()) : [rule.ToString()];

    private static bool IsOf(JsonNode? value, string type) => type switch
    {
        "object" => value is JsonObject,
        "array" => value is JsonArray,
        "string" => value?.GetValueKind() == JsonValueKind.String,
        "boolean" => value?.GetValueKind() is JsonValueKind.True or JsonValueKind.False,
        "integer" => value?.GetValueKind() == JsonValueKind.Number && long.TryParse(value.ToString(), out _),
        "number" => value?.GetValueKind() == JsonValueKind.Number,
        "null" => value is null,
        _ => throw new NotSupportedException($"JSON Schema type {type}"),
    };
}
