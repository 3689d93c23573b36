using System.Globalization;
using ServiceQuality.Contracts.Facts;
using ServiceQuality.Cli.Import;

namespace ServiceQuality.Cli.Tests.Import;

/// <summary>The map that is delivered as an example, against a plain calculation from the text of the file.</summary>
public sealed class HotlineCallsTests
{
    public const string Calls = """
        call_id,agent,date,time,topic,answered (Y/N),resolved,speed_of_answer_in_seconds,AvgTalkDuration,SatisfactionRating
        A1,Becky,03/02/2026,09:00:10,Streaming,Y,Y,12,00:02:23,5
        A2,Dan,03/02/2026,09:01:00,Payment related,Y,N,110,00:06:59,1
        A3,Diane,03/02/2026,09:01:00,Contract related,N,N,,,
        A4,Becky,03/02/2026,12:30:59,Technical Support,Y,Y,64,00:00:31,3
        A5,Joe,04/02/2026,17:59:59,Admin Support,Y,Y,10,00:03:00,4
        A6,Becky,05/02/2026,18:00:00,Streaming,N,N,,,
        A7,"Martha",05/02/2026,10:00:00,"Contract related",Y,N,125,00:07:00,2
        """;

    [Fact]
    public void Every_measure_is_what_a_plain_calculation_gives()
    {
        using var sq = new Sq();
        var file = sq.Write("calls.csv", Calls);
        var map = ImportMap.Read(File.ReadAllText(Repository.File("docs/examples/hotline-calls.yaml")), "hotline-calls.yaml", ".", form => new CsvSource(file, form).Columns);
        var facts = new ImportRun(map, file, new ImportState { Data = "", Map = "" }, 500).Batches().SelectMany(batch => batch.Facts).ToList();
        var services = facts.Select(fact => (ServiceCompleted)fact.Data).ToList();
        var rows = Calls.Split('\n', StringSplitOptions.TrimEntries).Skip(1).Select(line => line.Replace("\"", "", StringComparison.Ordinal).Split(',')).ToList();

        Assert.Equal(rows.Select(row => row[0]), facts.Select(fact => fact.Id));
        Assert.Equal(rows.Select(row => "desk-" + row[1].ToLowerInvariant()), facts.Select(fact => fact.Subject));
        Assert.Equal(
            rows.Select(row => DateTime.ParseExact(row[2] + row[3], "dd/MM/yyyyHH:mm:ss", CultureInfo.InvariantCulture).AddHours(-8)),
            facts.Select(fact => fact.Time.UtcDateTime));
        Assert.Equal(rows.Count(row => row[5] == "N"), services.Count(service => service.Outcome == ServiceOutcome.Abandoned));
        Assert.Equal(rows.Count(row => row is [.., _] && row[5] == "Y" && row[6] == "Y"), services.Count(service => service.Outcome == ServiceOutcome.Resolved));
        Assert.Equal(rows.Where(row => row[7] != "").Average(row => double.Parse(row[7], CultureInfo.InvariantCulture)), services.Where(service => service.WaitSeconds is not null).Average(service => service.WaitSeconds!.Value));
        Assert.Equal(rows.Where(row => row[8] != "").Sum(row => TimeSpan.Parse(row[8], CultureInfo.InvariantCulture).TotalSeconds), services.Sum(service => service.HandleSeconds ?? 0));
        Assert.Equal(rows.Where(row => row[9] != "").Sum(row => int.Parse(row[9], CultureInfo.InvariantCulture)), services.Sum(service => service.Rating ?? 0));
        Assert.All(services.Where(service => service.Outcome == ServiceOutcome.Abandoned), service => Assert.Equal((null, null, null), (service.WaitSeconds, service.HandleSeconds, service.Rating)));
    }
}
