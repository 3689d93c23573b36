using System.Text.Json;
using ServiceQuality.Console.Figures;
using ServiceQuality.Console.Shell;

namespace ServiceQuality.Console.Units;

/// <summary>A fact's data in words. Customers are never named: facts carry opaque ids, and those are not shown.</summary>
internal static class FactWords
{
    private static readonly string[] Subjects = ["reason", "service", "asset", "measure", "survey", "inspection", "category", "course", "risk"];

    /// <summary>What the fact is about: a service, an asset, a reason.</summary>
    public static string? Subject(JsonElement data) => data.ValueKind != JsonValueKind.Object ? null : Subjects
        .Select(name => data.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null)
        .FirstOrDefault(text => text is { Length: > 0 });

    /// <summary>The figures of the fact, each with its word.</summary>
    public static IEnumerable<string> Details(JsonElement data, Reader reader)
    {
        if (data.ValueKind != JsonValueKind.Object)
            yield break;

        foreach (var property in data.EnumerateObject())
        {
            var number = property.Value.ValueKind == JsonValueKind.Number ? property.Value.GetDouble() : (double?)null;
            switch (property.Name)
            {
                case "waitSeconds" or "handleSeconds" or "ackSeconds" or "resolveSeconds" when number is { } seconds:
                    yield return reader.Say($"fact.{property.Name}", reader.Duration(TimeSpan.FromSeconds(seconds)));
                    break;
                case "rating" or "errors" or "points" or "value" or "score" or "criticalFailures" or "hours" or "qualified" or "required" or "inherent" or "residual"
                    when number is { } figure && (property.Name is not ("errors" or "criticalFailures") || figure > 0):
                    yield return reader.Say($"fact.{property.Name}", Figure.Raw(figure));
                    break;
                case "withinTarget" or "accepted" or "passed" when property.Value.ValueKind is JsonValueKind.True or JsonValueKind.False:
                    yield return reader.Say($"fact.{property.Name}.{(property.Value.GetBoolean() ? "yes" : "no")}");
                    break;
                case "object" when property.Value.ValueKind == JsonValueKind.String:
                    yield return reader.Word("channel", property.Value.GetString()!);
                    break;
                case "channel" or "outcome" or "cause" or "level" or "severity" when property.Value.ValueKind == JsonValueKind.String:
                    yield return reader.Word(property.Name, property.Value.GetString()!);
                    break;
            }
        }
    }
}
