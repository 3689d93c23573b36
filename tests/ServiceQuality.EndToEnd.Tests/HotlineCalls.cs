using System.Globalization;
using System.Text;

namespace ServiceQuality.EndToEnd;

/// <summary>One row of hotline-calls.csv.</summary>
internal sealed record HotlineCall(string Id, string Agent, DateTime Local, bool Answered, bool Resolved, double? WaitSeconds, double? TalkSeconds, int? Rating);

/// <summary>The calls of a hotline as a CSV file, and read back without any of the product's code.</summary>
internal static class HotlineCalls
{
    private const string Header = "call_id,agent,date,time,topic,answered (Y/N),resolved,speed_of_answer_in_seconds,AvgTalkDuration,SatisfactionRating";

    /// <summary>Agents by the code of their desk, as docs/examples/hotline-calls.yaml has them.</summary>
    public static IReadOnlyDictionary<string, string> Desks { get; } =
        new[] { "Becky", "Dan", "Diane", "Greg", "Jim", "Joe", "Martha", "Stewart" }.ToDictionary(agent => $"desk-{agent.ToLowerInvariant()}");

    /// <summary>Real calls lie beside the repository on some machines; elsewhere calls of the same shape are made up, the same every time.</summary>
    public static void Provide(string file)
    {
        var real = Path.GetFullPath(Path.Combine(Repository.Root, "..", "shared", "data", "hotline-calls.csv"));
        if (File.Exists(real))
            File.Copy(real, file);
        else
            File.WriteAllText(file, Generate(5_000, new DateTime(2021, 1, 1), 90));
    }

    /// <summary>About 18 % abandoned, 90 % of the rest resolved, waits of 10–125 s, talks of 0.5–7 minutes, between 9 and 18 h.</summary>
    internal static string Generate(int calls, DateTime first, int days)
    {
        var random = new Random(20210101);
        string[] topics = ["Contract related", "Technical Support", "Payment related", "Admin Support", "Streaming"], agents = [.. Desks.Values];
        var moments = Enumerable.Range(0, calls).Select(_ => first.AddDays(random.Next(days)).AddSeconds(random.Next(9 * 3600, 18 * 3600))).Order();
        var text = new StringBuilder().Append(Header).Append('\n');
        foreach (var (number, at) in moments.Index())
        {
            var answered = random.Next(100) < 82;
            var talk = TimeSpan.FromSeconds(random.Next(30, 421));
            text.Append(CultureInfo.InvariantCulture, $"ID{number + 1:0000},{agents[random.Next(agents.Length)]},{at:dd/MM/yyyy},{at:HH:mm:ss},{topics[random.Next(topics.Length)]},")
                .Append(CultureInfo.InvariantCulture, $"{(answered ? $"Y,{(random.Next(10) < 9 ? 'Y' : 'N')},{random.Next(10, 126)},{talk:hh\\:mm\\:ss},{random.Next(1, 6)}" : "N,N,,,")}\n");
        }
        return text.ToString();
    }

    public static List<HotlineCall> Read(string file)
    {
        var lines = File.ReadAllLines(file);
        Assert.Equal(Header, lines[0].TrimStart('\ufeff'));
        return [.. lines.Skip(1).Where(line => line.Length > 0).Select(line => line.Split(',')).Select(cells => new HotlineCall(
            cells[0], cells[1], DateTime.ParseExact($"{cells[2]} {cells[3]}", "dd/MM/yyyy HH:mm:ss", CultureInfo.InvariantCulture),
            cells[5] == "Y", cells[6] == "Y", Number(cells[7]), cells[8].Length == 0 ? null : TimeSpan.ParseExact(cells[8], "c", CultureInfo.InvariantCulture).TotalSeconds, (int?)Number(cells[9])))];

        static double? Number(string cell) => cell.Length == 0 ? null : double.Parse(cell, CultureInfo.InvariantCulture);
    }
}
