using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using ServiceQuality.Organisation;
using ServiceQuality.Organisation.Founding;

namespace ServiceQuality.Standalone;

/// <summary>How to get into the demo: written to <c>demo.json</c>, readable by its owner only.</summary>
/// <param name="Address">Public address of the suite.</param>
/// <param name="Accounts">People, one or more per role.</param>
/// <param name="Keys">One API key per region.</param>
internal sealed record DemoAccess(string Address, IReadOnlyList<DemoAccount> Accounts, IReadOnlyList<DemoKey> Keys)
{
    /// <summary>True when this run made the accounts.</summary>
    [JsonIgnore]
    public bool IsNew { get; init; }
}

/// <summary>An account of the demo.</summary>
internal sealed record DemoAccount(string User, string Password, string Role);

/// <summary>The API key of a region's branch systems.</summary>
internal sealed record DemoKey(string Region, string Key);

/// <summary>Makes the demo organisation on the first run and remembers how to get in.</summary>
internal static class DemoSession
{
    private static readonly JsonSerializerOptions Form = new(JsonSerializerDefaults.Web) { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Seeds what is missing; accounts and keys of an earlier run are taken from the folder's <c>demo.json</c>.</summary>
    public static async Task<DemoAccess> SeedAsync(string database, string address, string folder, CancellationToken ct)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Configuration["ConnectionStrings:organisation"] = database;
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.AddServiceDefaults("organisation");
        builder.AddOrganisation();
        await using var organisation = builder.Build();
        var seeded = await DemoOrganisation.SeedAsync(organisation.Services, ct);

        var file = Path.Combine(folder, "demo.json");
        var known = File.Exists(file) ? JsonSerializer.Deserialize<DemoAccess>(await File.ReadAllTextAsync(file, ct), Form) : null;
        var accounts = seeded.Accounts.Select(account => new DemoAccount(account.User, account.Password, account.Role)).ToList();
        var keys = seeded.Keys.Select(key => new DemoKey(key.Region, key.Key)).ToList();
        var access = new DemoAccess(
            address,
            [.. accounts, .. (known?.Accounts ?? []).ExceptBy(accounts.Select(account => account.User), account => account.User)],
            [.. keys, .. (known?.Keys ?? []).ExceptBy(keys.Select(key => key.Region), key => key.Region)])
        {
            IsNew = accounts.Count > 0,
        };

        // Created for its owner before anything secret is in it.
        await using var writer = new StreamWriter(file, new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
        await writer.WriteAsync(JsonSerializer.Serialize(access, Form));
        return access;
    }

    /// <summary>Prints accounts and keys, once: when they were made.</summary>
    public static void Print(DemoAccess access, string folder)
    {
        System.Console.WriteLine();
        if (!access.IsNew)
        {
            System.Console.WriteLine($"Demo accounts and keys: see {Path.Combine(folder, "demo.json")}");
            return;
        }

        System.Console.WriteLine("Demo accounts (also in demo.json; shown once):");
        foreach (var account in access.Accounts)
            System.Console.WriteLine($"  {account.User,-10} {account.Password,-24} {account.Role}");
        System.Console.WriteLine("API keys of branch systems, one per region:");
        foreach (var key in access.Keys)
            System.Console.WriteLine($"  {key.Region,-10} {key.Key}");
        System.Console.WriteLine();
    }
}
