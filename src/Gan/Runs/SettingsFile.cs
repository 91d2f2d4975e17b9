using System.Text.Json;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Files;
using GanFromScratch.Gan.Losses;

namespace GanFromScratch.Gan.Runs;

/// <summary>`settings.json`: what a command resolved, in its run's folder.</summary>
internal static class SettingsFile
{
    /// <summary>Its name within the folder.</summary>
    public const string Name = "settings.json";

    /// <summary>Writes the file into a folder.</summary>
    public static void Write(string folder, Action<Utf8JsonWriter> content) => JsonFile.Write(Path.Combine(folder, Name), content);

    /// <summary>Writes an objective as a property.</summary>
    public static void WriteObjective(Utf8JsonWriter json, Objective objective)
    {
        json.WriteStartObject("objective");
        json.WriteString("loss", objective.Loss.Name);
        json.WriteBoolean("recipes_own_step", objective.KeepsOwnStep);
        json.WriteNumber("r1", objective.R1);
        json.WriteNumber("r2", objective.R2);
        json.WriteNumber("gp", objective.GradientPenalty);
        json.WriteNumber("label_smoothing", objective.LabelSmoothing);
        json.WriteNumber("flip_labels", objective.FlipLabels);
        json.WriteNumber("instance_noise", objective.InstanceNoise);
        json.WriteBoolean("spectral_norm", objective.SpectralNorm);
        json.WriteNumber("ema", objective.Ema);
        json.WriteNumber("d_steps", objective.DiscriminatorSteps);
        json.WriteString("lr_decay", objective.RateDecay.ToString().ToLowerInvariant());
        json.WriteNumber("grad_clip", objective.GradientClip);
        json.WriteNumber("pack", objective.Pack);
        json.WriteEndObject();
    }

    /// <summary>Reads what <see cref="WriteObjective"/> wrote.</summary>
    /// <exception cref="GanException">Data: something of it is missing or makes no sense.</exception>
    public static Objective ReadObjective(SettingsReader json) => new()
    {
        Loss = AdversarialLoss.All.FirstOrDefault(loss => loss.Name == json.Text("loss"))
            ?? throw json.Wrong("loss", "no loss that is known here"),
        R1 = json.Number("r1", 0),
        R2 = json.Number("r2", 0),
        GradientPenalty = json.Number("gp", 0),
        LabelSmoothing = json.Number("label_smoothing", 0),
        FlipLabels = json.Number("flip_labels", 0),
        InstanceNoise = json.Number("instance_noise", 0),
        SpectralNorm = json.Flag("spectral_norm"),
        Ema = json.Number("ema", 0),
        DiscriminatorSteps = json.Whole("d_steps", 1, Objective.MostDiscriminatorSteps),
        RateDecay = Enum.TryParse(json.Text("lr_decay"), ignoreCase: true, out RateDecay decay) && Enum.IsDefined(decay)
            ? decay
            : throw json.Wrong("lr_decay", "no way for rates to fall"),
        GradientClip = json.Number("grad_clip", 0),
        Pack = json.Whole("pack", 1, Objective.MostPack),
    };
}

/// <summary>Reads the values of a JSON object, and says which of them is wrong.</summary>
/// <param name="path">The file, for messages.</param>
/// <param name="json">The object.</param>
internal readonly struct SettingsReader(string path, JsonElement json)
{
    private readonly JsonElement _json = json;

    /// <summary>Reads a settings file and hands its object to <paramref name="read"/>.</summary>
    /// <exception cref="GanException">Data: it isn't there, or isn't what the program writes; the message says where.</exception>
    public static T Read<T>(string folder, Func<SettingsReader, T> read)
    {
        const long Longest = 1 << 20;
        string path = Path.Combine(folder, SettingsFile.Name);
        try
        {
            if (new FileInfo(path).Length > Longest)
                throw Damaged(path, "it is far longer than any that this program writes");
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            if (!IsUnicode(document.RootElement))
                throw Damaged(path, "it holds text that is not Unicode");
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? read(new SettingsReader(path, document.RootElement))
                : throw Damaged(path, "it holds no JSON object");
        }
        catch (JsonException fault)
        {
            throw Damaged(path, $"it is no JSON from line {fault.LineNumber + 1} on");
        }
        catch (Exception fault) when (fault is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new GanException(
                ExitCode.Data,
                $"{folder} is no run's folder: it has no {SettingsFile.Name}. "
                + "Name a folder that `gan train` made, such as runs/0001-odog-mnist.",
                fault);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new GanException(ExitCode.Data, $"{path} can't be read: {fault.Message.TrimEnd('.')}.", fault);
        }
    }

    /// <summary>Returns an object within this one.</summary>
    public SettingsReader Object(string name) =>
        new(path, Find(name) is { ValueKind: JsonValueKind.Object } found ? found : throw Wrong(name, "no object"));

    /// <summary>Returns a text.</summary>
    public string Text(string name) =>
        Find(name) is { ValueKind: JsonValueKind.String } found ? found.GetString()! : throw Wrong(name, "no text");

    /// <summary>Returns a whole number of at least <paramref name="least"/>, and at most <paramref name="most"/>.</summary>
    public int Whole(string name, int least, int most = int.MaxValue) => OptionalWhole(name, least, most) ?? throw Wrong(name, "missing");

    /// <summary>
    /// A whole number of at least <paramref name="least"/>, and at most <paramref name="most"/>; null if the file says null.
    /// </summary>
    public int? OptionalWhole(string name, int least, int most = int.MaxValue) => Find(name) switch
    {
        { ValueKind: JsonValueKind.Null } => null,
        { ValueKind: JsonValueKind.Number } found when found.TryGetInt32(out int value) && value >= least && value <= most => value,
        _ => throw Wrong(name, most == int.MaxValue ? $"no whole number of at least {least}" : $"no whole number from {least} to {most}"),
    };

    /// <summary>Returns a seed.</summary>
    public ulong Seed(string name) => Find(name) is { ValueKind: JsonValueKind.Number } found && found.TryGetUInt64(out ulong value)
        ? value
        : throw Wrong(name, "no seed");

    /// <summary>Returns a finite number of at least <paramref name="least"/>.</summary>
    public float Number(string name, float least) => OptionalNumber(name, least) ?? throw Wrong(name, "missing");

    /// <summary>Returns a finite number of at least <paramref name="least"/>; null if the file says null.</summary>
    public float? OptionalNumber(string name, float least) => Find(name) switch
    {
        { ValueKind: JsonValueKind.Null } => null,
        { ValueKind: JsonValueKind.Number } found
            when found.TryGetSingle(out float value) && float.IsFinite(value) && value >= least => value,
        _ => throw Wrong(name, FormattableString.Invariant($"no number of at least {least}")),
    };

    /// <summary>Returns true or false.</summary>
    public bool Flag(string name) => Find(name) switch
    {
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        _ => throw Wrong(name, "neither true nor false"),
    };

    /// <summary>Returns all values by their names, those within objects too: `objective.r1`.</summary>
    public Dictionary<string, string> Flat()
    {
        var values = new Dictionary<string, string>();
        Collect(_json, "", values);
        return values;

        static void Collect(JsonElement element, string name, Dictionary<string, string> values)
        {
            if (element.ValueKind != JsonValueKind.Object)
            {
                values[name] = element.GetRawText();
                return;
            }
            foreach (var property in element.EnumerateObject())
                Collect(property.Value, name.Length == 0 ? property.Name : $"{name}.{property.Name}", values);
        }
    }

    /// <summary>Makes the exception for a wrong value.</summary>
    public GanException Wrong(string name, string fault) => Damaged(path, $"its '{name}' is {fault}");

    private static GanException Damaged(string path, string why) =>
        new(ExitCode.Data, $"{path} is not as this program writes it: {why}. Put the file back as it was.");

    // The parser lets half of a surrogate pair pass, and bytes that are no UTF-8; whoever asks for them, or for a name beside them, meets
    // an exception.
    private static bool IsUnicode(JsonElement element)
    {
        try
        {
            return element.ValueKind switch
            {
                JsonValueKind.Object => element.EnumerateObject().All(property => property.Name is not null && IsUnicode(property.Value)),
                JsonValueKind.Array => element.EnumerateArray().All(IsUnicode),
                JsonValueKind.String => element.GetString() is not null,
                _ => true,
            };
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private JsonElement? Find(string name) => _json.TryGetProperty(name, out var found) ? found : null;
}
