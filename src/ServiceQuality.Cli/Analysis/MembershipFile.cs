using ServiceQuality.Scoring.Fuzzy;

namespace ServiceQuality.Cli.Analysis;

/// <summary>Memberships from a file; families are null on one level.</summary>
internal sealed record MembershipFile(IReadOnlyList<string> Grades, IReadOnlyList<string> Factors, IReadOnlyList<string>? Families, IReadOnlyList<double[]> Memberships)
{
    /// <summary>Reads memberships, or votes and makes memberships of them.</summary>
    /// <exception cref="UsageException">The shape is wrong, a factor stands twice, or a row is none; the message names the cell.</exception>
    public static MembershipFile Read(Surroundings surroundings, string path, bool votes)
    {
        var table = AnalysisTable.Read(surroundings, path, new TableForm(Rows: 1_000, Columns: 30));
        var families = table.Find("family") ?? table.Find("类别");
        var first = families is null ? 1 : 2;
        if (families > 0)
            throw new UsageException(surroundings.Say($"{table.Name}: the column of families is the first", $"{table.Name}：类别须为第一列"));
        if (table.Width < first + 2)
            throw new UsageException(surroundings.Say($"{table.Name}: behind the factors stand at least 2 columns, one per grade", $"{table.Name}：因素列之后至少须有 2 列等级"));
        var cells = new double[table.Rows.Count, table.Width - first];
        var factors = new List<string>();
        for (var i = 0; i < table.Rows.Count; i++)
        {
            var factor = table.Rows[i].Cells[first - 1];
            if (factors.Contains(factor))
                throw table.Fault(table.Rows[i], first - 1, surroundings.Say($"'{factor}' stands twice", $"'{factor}' 重复"));
            factors.Add(factor);
            for (var j = first; j < table.Width; j++)
                cells[i, j - first] = table.Number(table.Rows[i], j);
        }
        Check(surroundings, table, cells, first, votes);
        if (votes)
            cells = FuzzyEvaluation.OfVotes(cells);
        return new(
            [.. table.Columns.Skip(first)], factors, families is null ? null : [.. table.Rows.Select(row => row.Cells[0])],
            [.. Enumerable.Range(0, table.Rows.Count).Select(i => Enumerable.Range(0, table.Width - first).Select(j => cells[i, j]).ToArray())]);
    }

    private static void Check(Surroundings surroundings, AnalysisTable table, double[,] cells, int first, bool votes)
    {
        for (var i = 0; votes && i < table.Rows.Count; i++)
        {
            var columns = Enumerable.Range(0, cells.GetLength(1)).ToList();
            if (columns.FindIndex(j => cells[i, j] < 0) is >= 0 and var negative)
                throw table.Fault(table.Rows[i], first + negative, surroundings.Say("votes are not negative", "票数不能为负"));
            if (columns.TrueForAll(j => cells[i, j] == 0))
                throw table.Fault(table.Rows[i], first, surroundings.Say("nobody has voted on this factor", "该因素没有票"));
        }
        if (votes || FuzzyEvaluation.Faults(cells) is not [var fault, ..])
            return;
        throw table.Fault(table.Rows[fault.Row], first + (fault.Column ?? 0), fault.Column is null
            ? surroundings.Say($"the memberships of this row sum to {Numbers.Show(fault.Value)}, not to 1; are they votes (--votes)?", $"该行隶属度之和为 {Numbers.Show(fault.Value)}，而不是 1；是否为票数（--votes）？")
            : surroundings.Say($"{fault.Value} is no membership: 0 to 1; are they votes (--votes)?", $"{fault.Value} 不是隶属度：须在 0 至 1 之间；是否为票数（--votes）？"));
    }
}
