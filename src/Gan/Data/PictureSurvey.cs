using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Terminal;

namespace GanFromScratch.Gan.Data;

/// <summary>Looks through a folder or an archive of pictures for `gan data`: all files are read.</summary>
internal static class PictureSurvey
{
    private const int ListedKinds = 5;

    /// <summary>Describes the pictures of a folder, of a zip archive, or of an archive of NumPy's.</summary>
    /// <param name="request">What is asked for; its name is the path.</param>
    /// <returns>The description, and the set, if it can be trained on.</returns>
    /// <exception cref="GanException">Usage: more pictures than fit.</exception>
    public static (DatasetDescription Description, ImageSet? Images) Of(DatasetRequest request)
    {
        try
        {
            if (Datasets.IsArrays(request.Name))
                return OfSet(request, Datasets.Open(request));
            using var tree = PictureTree.Open(request.Name);
            return Of(request, tree, PictureListing.Of(tree));
        }
        catch (GanException fault) when (fault.Code == ExitCode.Data)
        {
            return (Describe(request, "pictures", $"Not usable: {fault.Message}", false), null);
        }
    }

    private static (DatasetDescription Description, ImageSet? Images) Of(DatasetRequest request, PictureTree tree, PictureListing listing)
    {
        var reading = PictureFolder.Read(request, tree, listing);
        ImageSet? set = null;
        string state = !reading.Good.Any()
            ? "Not usable: none of the pictures can be read; put PNG, JPEG, BMP or WebP files there."
            : $"Not usable: {reading.Faults.Count:N0} of {Plural.Of(reading.Found.Length, "picture")} can't be read; "
                + "repair or remove them, or skip them with --skip-bad-files.";
        if (reading.Good.Any() && (reading.Faults.Count == 0 || request.SkipBadFiles))
        {
            var kept = reading.ToSet(request);
            if (!reading.HasPassingFaults)
                new KeptPictures(request, tree, listing).Write(kept);
            (set, state) = (kept.Images, Complete(kept.Images.Count));
        }
        string content = $"{Plural.Of(reading.Good.Count(), "usable picture")}, to be {reading.Shape}";
        return (Describe(request, content, state, set is not null, [.. Details(request, reading)]), set);
    }

    private static (DatasetDescription Description, ImageSet? Images) OfSet(DatasetRequest request, OpenedDataset opened)
    {
        var images = opened.Images;
        (string, string)[] classes = images.Labels is null ? [] : [("classes", Datasets.ClassCounts(images, int.MaxValue))];
        return (Describe(
            request, $"{Plural.Of(images.Count, "decoded picture")}, {images.Shape}", Complete(images.Count), true,
            [.. classes, .. opened.Warnings.Select(note => ("note", note))]), images);
    }

    private static DatasetDescription Describe(
        DatasetRequest request, string content, string state, bool complete, params IReadOnlyList<(string, string)> details) => new(
            request.Name, content, complete, Path.GetFullPath(request.Name), state, [],
            complete ? $"--dataset {Invocation.Quoted(request.Name)} trains on it." : "", details);

    // the recipes' own batches have up to 256 pictures
    private static string Complete(int count) =>
        $"Complete: it can be trained on{(count < 256 ? $", with --batch {count} or less" : "")}.";

    private static IEnumerable<(string Heading, string Text)> Details(DatasetRequest request, PictureReading reading)
    {
        var (listing, good) = (reading.Listing, reading.Good.ToArray());
        if (good.Length > 0)
        {
            yield return ("kinds", Counted(good.GroupBy(picture => picture.Kind)));
            yield return ("sizes", Sizes(good));
            int colour = good.Count(picture => picture.IsColour);
            yield return ("colour", $"{colour:N0} in colour, {good.Length - colour:N0} in grey");
        }
        if (reading.AlphaNote() is { } alpha)
            yield return ("transparent", alpha);
        if (listing.Classes is { } classes)
        {
            var ofClass = listing.Labels!.Index().Where(pair => reading.Found[pair.Index].Fault is null).CountBy(pair => pair.Item)
                .ToDictionary();
            yield return ("classes", string.Join(
                ", ", classes.Select((name, label) => $"{Plural.Printable(name)} {ofClass.GetValueOrDefault((byte)label):N0}")));
        }
        foreach (string note in listing.Notes)
            yield return ("note", note);
        if (reading.Faults.Count > 0)
        {
            string lines = string.Concat(PictureReading.Listed(reading.Faults, request.ListsAll).Select(line => $"\n{line}"));
            yield return ("left out", $"{reading.Faults.Count:N0} that can't be used:{lines}");
        }
        if (listing.PassedOver.Count > 0)
        {
            string passedOver = Plural.Some(listing.PassedOver, request.ListsAll ? int.MaxValue : ListedKinds);
            yield return ("passed over", passedOver);
        }
    }

    private static string Sizes(FoundPicture[] good)
    {
        var smallest = good.MinBy(picture => (long)picture.Width * picture.Height)!;
        var largest = good.MaxBy(picture => (long)picture.Width * picture.Height)!;
        string common = Counted(good.GroupBy(picture => $"{picture.Width}x{picture.Height}"));
        return good.All(picture => (picture.Width, picture.Height) == (smallest.Width, smallest.Height))
            ? $"{smallest.Width}x{smallest.Height}"
            : $"from {smallest.Width}x{smallest.Height} to {largest.Width}x{largest.Height}; {common}";
    }

    private static string Counted(IEnumerable<IGrouping<string, FoundPicture>> groups) => Plural.Some(
        [.. groups.OrderByDescending(group => group.Count()).ThenBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => $"{group.Key} {group.Count():N0}")],
        ListedKinds);
}
