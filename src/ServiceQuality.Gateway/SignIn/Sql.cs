using Npgsql;

namespace ServiceQuality.Gateway.SignIn;

internal static class Sql
{
    /// <summary>A command with its values in the order of <c>$1, $2 …</c>.</summary>
    public static NpgsqlCommand Command(this NpgsqlDataSource db, string sql, params ReadOnlySpan<object> values)
    {
        var command = db.CreateCommand(sql);
        foreach (var value in values)
            command.Parameters.Add(new() { Value = value });
        return command;
    }
}
