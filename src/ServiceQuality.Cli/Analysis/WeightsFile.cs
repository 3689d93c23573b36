namespace ServiceQuality.Cli.Analysis;

/// <summary>Weights by name: a CSV file with the columns name and weight, in this order, whatever their headings say.</summary>
internal static class WeightsFile
{
    public static IReadOnlyDictionary<string, double> Read(Surroundings surroundings, string path)
    {
        var table = AnalysisTable.Read(surroundings, path, new TableForm(Rows: 1_000, Columns: 2));
        if (table.Width != 2)
            throw new UsageException(surroundings.Say($"{table.Name}: weights take two columns, name and weight", $"{table.Name}：权重文件须有两列，名称与权重"));
        var weights = new Dictionary<string, double>();
        foreach (var row in table.Rows)
        {
            var weight = table.Number(row, 1);
            if (weight < 0)
                throw table.Fault(row, 1, surroundings.Say("a weight is not negative", "权重不能为负"));
            if (!weights.TryAdd(row.Cells[0], weight))
                throw table.Fault(row, 0, surroundings.Say($"'{row.Cells[0]}' has a weight already", $"'{row.Cells[0]}' 已有权重"));
        }
        return weights;
    }

    /// <summary>The weights of some names, in their order.</summary>
    /// <exception cref="UsageException">A name has none, or all are 0.</exception>
    public static List<double> Of(Surroundings surroundings, string path, IReadOnlyDictionary<string, double> weights, IReadOnlyList<string> names)
    {
        if (names.FirstOrDefault(name => !weights.ContainsKey(name)) is { } unknown)
            throw new UsageException(surroundings.Say($"{path} has no weight for '{unknown}'", $"{path} 中没有 '{unknown}' 的权重"));
        var found = names.Select(name => weights[name]).ToList();
        return found.Sum() > 0 ? found : throw new UsageException(surroundings.Say($"{path}: all weights are 0", $"{path}：权重全为 0"));
    }
}
