using Npgsql;
using NpgsqlTypes;
using ServiceQuality.Scores.Journals;

namespace ServiceQuality.Scores.Panels;

/// <summary>Rows of panels and ratings.</summary>
internal static class PanelRows
{
    private const string Columns =
        "p.id, p.kind, p.question, p.elements, p.low, p.high, p.outlier_share, p.fewest, p.invited, p.state, p.author, p.author_name, p.opened, p.closed, p.signer, p.signer_name, p.signed, p.hash";

    public static async Task InsertAsync(NpgsqlTransaction transaction, ExpertPanel panel, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(
            "INSERT INTO panel (id, kind, question, elements, low, high, outlier_share, fewest, invited, state, author, author_name, opened) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
            transaction.Connection, transaction)
        {
            Parameters =
            {
                new() { Value = panel.Id }, new() { Value = panel.Kind }, new() { Value = panel.Question }, new() { Value = panel.Elements.ToArray() }, new() { Value = panel.Low }, new() { Value = panel.High },
                new() { Value = panel.OutlierShare }, new() { Value = panel.Fewest }, new() { Value = panel.Invited.ToArray() }, new() { Value = panel.State }, new() { Value = panel.Author },
                new() { Value = panel.AuthorName }, new() { Value = panel.Opened.UtcDateTime },
            },
        };
        await command.ExecuteNonQueryAsync(ct);
    }

    public static async Task RateAsync(NpgsqlTransaction transaction, Guid panel, ExpertRating rating, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand("INSERT INTO panel_rating (panel, expert, expert_name, given, ratings, comments) VALUES ($1, $2, $3, $4, $5, $6)", transaction.Connection, transaction)
        {
            Parameters =
            {
                new() { Value = panel }, new() { Value = rating.Expert }, new() { Value = rating.Name }, new() { Value = rating.Given.UtcDateTime }, new() { Value = rating.Ratings.ToArray() },
                new() { Value = rating.Comments.ToArray() },
            },
        };
        await command.ExecuteNonQueryAsync(ct);
    }

    public static async Task CommentAsync(NpgsqlTransaction transaction, Guid panel, Guid expert, int element, string text, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand("UPDATE panel_rating SET comments[$3] = $4 WHERE panel = $1 AND expert = $2", transaction.Connection, transaction)
        {
            Parameters = { new() { Value = panel }, new() { Value = expert }, new() { Value = element + 1 }, new() { Value = text } },
        };
        await command.ExecuteNonQueryAsync(ct);
    }

    public static async Task UpdateAsync(NpgsqlTransaction transaction, ExpertPanel panel, string? content, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand("UPDATE panel SET state = $2, closed = $3, signer = $4, signer_name = $5, signed = $6, hash = $7, content = $8 WHERE id = $1", transaction.Connection, transaction)
        {
            Parameters =
            {
                new() { Value = panel.Id }, new() { Value = panel.State }, Or(panel.Closed?.UtcDateTime, NpgsqlDbType.TimestampTz), Or(panel.Signer, NpgsqlDbType.Uuid), Or(panel.SignerName, NpgsqlDbType.Text),
                Or(panel.Signed?.UtcDateTime, NpgsqlDbType.TimestampTz), Or(panel.Hash, NpgsqlDbType.Text), Or(content, NpgsqlDbType.Text),
            },
        };
        await command.ExecuteNonQueryAsync(ct);
    }

    /// <summary>A panel with its ratings; null when there is none.</summary>
    public static async Task<ExpertPanel?> FindAsync(NpgsqlConnection connection, Guid id, bool forUpdate, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand($"SELECT {Columns} FROM panel p WHERE p.id = $1{(forUpdate ? " FOR UPDATE" : "")}", connection) { Parameters = { new() { Value = id } } };
        ExpertPanel panel;
        await using (var reader = await command.ExecuteReaderAsync(ct))
        {
            if (!await reader.ReadAsync(ct))
                return null;
            panel = Read(reader, []);
        }
        var given = await RatingsAsync(connection, [id], ct);
        return panel with { Given = [.. given[id]] };
    }

    /// <summary>The newest panels first, with their ratings.</summary>
    public static async Task<IReadOnlyList<ExpertPanel>> ListAsync(NpgsqlConnection connection, int limit, CancellationToken ct)
    {
        var panels = new List<ExpertPanel>();
        await using (var command = new NpgsqlCommand($"SELECT {Columns} FROM panel p ORDER BY p.id DESC LIMIT $1", connection) { Parameters = { new() { Value = limit } } })
        await using (var reader = await command.ExecuteReaderAsync(ct))
        {
            while (await reader.ReadAsync(ct))
                panels.Add(Read(reader, []));
        }
        var given = await RatingsAsync(connection, [.. panels.Select(panel => panel.Id)], ct);
        return [.. panels.Select(panel => panel with { Given = [.. given[panel.Id]] })];
    }

    private static async Task<ILookup<Guid, ExpertRating>> RatingsAsync(NpgsqlConnection connection, Guid[] panels, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand("SELECT panel, expert, expert_name, given, ratings, comments FROM panel_rating WHERE panel = ANY ($1) ORDER BY given, expert", connection) { Parameters = { new() { Value = panels } } };
        await using var reader = await command.ExecuteReaderAsync(ct);
        var ratings = new List<(Guid Panel, ExpertRating Rating)>();
        while (await reader.ReadAsync(ct))
            ratings.Add((reader.GetGuid(0), new(reader.GetGuid(1), reader.GetString(2), Journal.Utc(reader.GetDateTime(3)), reader.GetFieldValue<double[]>(4), reader.GetFieldValue<string[]>(5))));
        return ratings.ToLookup(one => one.Panel, one => one.Rating);
    }

    private static ExpertPanel Read(NpgsqlDataReader row, IReadOnlyList<ExpertRating> given) => new(
        row.GetGuid(0), row.GetString(1), row.GetString(2), row.GetFieldValue<string[]>(3), row.GetDouble(4), row.GetDouble(5), row.GetDouble(6), row.GetInt32(7), row.GetFieldValue<Guid[]>(8), row.GetString(9),
        row.GetGuid(10), row.GetString(11), Journal.Utc(row.GetDateTime(12)), row.IsDBNull(13) ? null : Journal.Utc(row.GetDateTime(13)), row.IsDBNull(14) ? null : row.GetGuid(14),
        row.IsDBNull(15) ? null : row.GetString(15), row.IsDBNull(16) ? null : Journal.Utc(row.GetDateTime(16)), row.IsDBNull(17) ? null : row.GetString(17), given);

    private static NpgsqlParameter Or(object? value, NpgsqlDbType type) => new() { Value = value ?? DBNull.Value, NpgsqlDbType = type };
}
