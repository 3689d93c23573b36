using System.Text.Json;

namespace ServiceQuality.Cli.Access;

/// <summary>A sign-in that lasts between commands; the file is readable by its owner only.</summary>
internal sealed record Session(string Url, string User, string AccessToken, DateTimeOffset Expires, string RefreshToken)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public static Session? Load(Surroundings surroundings)
    {
        var path = PathOf(surroundings);
        if (!File.Exists(path))
            return null;
        try
        {
            return JsonSerializer.Deserialize<Session>(File.ReadAllBytes(path), JsonSerializerOptions.Web);
        }
        catch (JsonException)
        {
            throw new UsageException($"{path} is not a sign-in; run 'sq sign-in' again");
        }
    }

    public void Save(Surroundings surroundings)
    {
        var path = PathOf(surroundings);
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (OperatingSystem.IsWindows())
        {
            // The profile folder of Windows is readable by its owner only.
            Directory.CreateDirectory(surroundings.ConfigurationFolder);
        }
        else
        {
            Directory.CreateDirectory(surroundings.ConfigurationFolder, OwnerOnly | UnixFileMode.UserExecute);
            options.UnixCreateMode = OwnerOnly;
        }

        // A file that exists keeps its mode when written over; a new one never passes through a readable moment.
        File.Delete(path);
        using var file = new FileStream(path, options);
        JsonSerializer.Serialize(file, this, JsonSerializerOptions.Web);
    }

    public static void Forget(Surroundings surroundings) => File.Delete(PathOf(surroundings));

    private static string PathOf(Surroundings surroundings) => Path.Combine(surroundings.ConfigurationFolder, "session.json");
}
