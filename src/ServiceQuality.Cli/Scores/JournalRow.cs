using System.Text.Json;
using ServiceQuality.Cli.Telemetry;
using ServiceQuality.Contracts.Facts;
using ServiceQuality.Scoring;

namespace ServiceQuality.Cli.Scores;

/// <summary>A fact as the journal's API and exports show it.</summary>
internal sealed record JournalRow(long Seq, string Source, string Id, string Type, DateTimeOffset Time, DateTimeOffset Received, JsonElement Data)
{
    /// <summary>The fact that the row holds. Data that this version cannot read keep their place and bear on nothing, as in the score tier.</summary>
    public Fact Fact
    {
        get
        {
            try
            {
                return new Fact(Seq, Source, Id, Time, Received, FactReader.Read(Type, System.Text.Encoding.UTF8.GetBytes(Data.GetRawText())));
            }
            catch (Exception exception) when (exception is JsonException or NotSupportedException)
            {
                return new Fact(Seq, Source, Id, Time, Received, Unreadable.Instance);
            }
        }
    }

    /// <summary>A unit's journal up to and including <paramref name="last"/>, page by page.</summary>
    public static async IAsyncEnumerable<JournalRow> OfUnitAsync(ServiceClient client, string unit, long last, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        const int page = 1_000;
        for (var after = 0L; after < last;)
        {
            var answer = await client.GetAsync($"api/journal/{Uri.EscapeDataString(unit)}?after={after}&limit={page}", ct);
            var before = after;
            foreach (var item in answer.GetProperty("items").EnumerateArray())
            {
                var row = item.Deserialize<JournalRow>(JsonSerializerOptions.Web)!;
                if (row.Seq > last)
                    yield break;
                after = row.Seq;
                yield return row;
            }

            if (after == before)
                throw new ServiceCallException(CallFailure.Refused, $"The journal of {unit} ends at {after}, although it was said to reach {last}.", code: "journal-gap");
        }
    }

    /// <summary>The rows of an export, one a line.</summary>
    public static async IAsyncEnumerable<JournalRow> OfFileAsync(string path, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        var number = 0L;
        await foreach (var line in File.ReadLinesAsync(path, ct))
        {
            number++;
            if (string.IsNullOrWhiteSpace(line))
                continue;
            JournalRow? row;
            try
            {
                row = JsonSerializer.Deserialize<JournalRow>(line, JsonSerializerOptions.Web);
            }
            catch (JsonException exception)
            {
                throw new UsageException($"{path}:{number}: is not a journal row: {exception.Message}");
            }

            yield return row ?? throw new UsageException($"{path}:{number}: is not a journal row");
        }
    }

    private sealed record Unreadable : FactData
    {
        public static readonly Unreadable Instance = new();
    }
}
