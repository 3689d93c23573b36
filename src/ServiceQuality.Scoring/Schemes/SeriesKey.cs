using System.Globalization;
using System.Text.Json;

namespace ServiceQuality.Scoring;

/// <summary>The definition of a series in canonical form: equal definitions give equal texts.</summary>
internal static class SeriesKey
{
    public static string Of(FactKind fact, Shape shape, Filter where, Field? value, Field? less, Filter? hit) =>
        string.Join('|', fact, shape, KeyOf(where), KeyOf(value), KeyOf(less), hit is null ? "" : KeyOf(hit)).ToLowerInvariant() + CaseOf(where, value, less, hit) + WordsOf(where, hit);

    /// <summary>The key of the same series taken apart by months or weeks.</summary>
    public static string Of(Series series, Step step) => step == Step.None ? series.Key : $"{series.Key}|{step}";

    private static string KeyOf(Field? field) => field is { } f ? f.Kind.ToString() : "";

    private static string KeyOf(Filter filter) => string.Join(';',
        filter.Channels & 31, filter.Outcomes & 15, KindsOf(filter.Kinds), string.Join(',', filter.Ranges.Select(r => $"{r.Field.Kind}:{r.Min}..{r.Max}")));

    /// <summary>All kinds are 7, as when there were three, so that definitions keep their keys.</summary>
    private static string KindsOf(int kinds) => kinds switch { < 0 => "7", 7 => "csat-nps-ces", _ => kinds.ToString(CultureInfo.InvariantCulture) };

    /// <summary>The lists of rarer facts; nothing at all where there are none.</summary>
    private static string WordsOf(Filter where, Filter? hit) => where.Listings.Length == 0 && hit is not { Listings.Length: > 0 } ? "" : JsonSerializer.Serialize(
        new[] { where, hit ?? Filter.All }.Select(f => f.Listings.Select(l => l.Items.Items.Order(StringComparer.Ordinal).Prepend(l.Name).ToArray()).ToArray()).ToArray());

    /// <summary>The parts of a definition that are other people's words, kept letter by letter and unmistakably apart.</summary>
    private static string CaseOf(Filter where, Field? value, Field? less, Filter? hit) => JsonSerializer.Serialize(
        new[] { where, hit ?? Filter.All }
            .SelectMany(f => new[] { f.Services, f.Measures, f.Surveys, f.Assets }.Select(s => s is null ? null : s.Items.Order(StringComparer.Ordinal).ToArray())
                .Append([.. f.Ranges.Select(r => r.Field.Question ?? "")]))
            .Append([value?.Question ?? "", less?.Question ?? ""]));
}
