using System.Text.Json;

namespace ServiceQuality.Scoring;

/// <summary>The definition of a series in canonical form: equal definitions give equal texts.</summary>
internal static class SeriesKey
{
    public static string Of(FactKind fact, Shape shape, Filter where, Field? value, Field? less, Filter? hit) =>
        string.Join('|', fact, shape, KeyOf(where), KeyOf(value), KeyOf(less), hit is null ? "" : KeyOf(hit)).ToLowerInvariant() + CaseOf(where, value, less, hit);

    private static string KeyOf(Field? field) => field is { } f ? f.Kind.ToString() : "";

    private static string KeyOf(Filter filter) => string.Join(';',
        filter.Channels & 31, filter.Outcomes & 15, filter.Kinds & 7, string.Join(',', filter.Ranges.Select(r => $"{r.Field.Kind}:{r.Min}..{r.Max}")));

    /// <summary>The parts of a definition that are other people's words, kept letter by letter and unmistakably apart.</summary>
    private static string CaseOf(Filter where, Field? value, Field? less, Filter? hit) => JsonSerializer.Serialize(
        new[] { where, hit ?? Filter.All }
            .SelectMany(f => new[] { f.Services, f.Measures, f.Surveys, f.Assets }.Select(s => s is null ? null : s.Items.Order(StringComparer.Ordinal).ToArray())
                .Append([.. f.Ranges.Select(r => r.Field.Question ?? "")]))
            .Append([value?.Question ?? "", less?.Question ?? ""]));
}
