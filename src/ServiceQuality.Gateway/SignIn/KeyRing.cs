using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Npgsql;

namespace ServiceQuality.Gateway.SignIn;

/// <summary>The keys that protect cookies and tokens, in a table, so that every replica reads what another has written.</summary>
internal sealed class KeyRing(IServiceProvider services) : IXmlRepository
{
    // Taken when it is needed: the key ring is built before the settings are checked.
    private NpgsqlDataSource Db => services.GetRequiredKeyedService<NpgsqlDataSource>(GatewayService.Name);

    public IReadOnlyCollection<XElement> GetAllElements()
    {
        using var command = Db.CreateCommand("select xml from key_ring order by id");
        using var reader = command.ExecuteReader();
        var elements = new List<XElement>();
        while (reader.Read())
            elements.Add(XElement.Parse(reader.GetString(0)));
        return elements;
    }

    public void StoreElement(XElement element, string friendlyName)
    {
        using var command = Db.Command("insert into key_ring (name, xml) values ($1, $2)", friendlyName, element.ToString(SaveOptions.DisableFormatting));
        command.ExecuteNonQuery();
    }
}

internal static class KeyRingSetup
{
    public static void AddKeyRing(this IHostApplicationBuilder builder)
    {
        builder.Services.AddDataProtection().SetApplicationName("ServiceQuality");
        builder.Services.AddOptions<KeyManagementOptions>().Configure<IServiceProvider>((options, services) =>
            options.XmlRepository = new KeyRing(services));
    }
}
