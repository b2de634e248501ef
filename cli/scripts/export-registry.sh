#!/usr/bin/env bash
# Writes what `demurrage import` reads: the facts of one Amazon ECR registry, as files of the AWS CLI.
#
#   AWS_REGION=ap-northeast-2 bash export-registry.sh DIR
#   demurrage import DIR --region ap-northeast-2
#
# It only reads. It needs the AWS CLI (version 2), jq, and these permissions: ecr:DescribeRegistry,
# ecr:GetRegistryPolicy, ecr:GetRegistryScanningConfiguration, ecr:GetAccountSetting,
# ecr:DescribeRepositoryCreationTemplates, ecr:DescribePullThroughCacheRules, ecr:DescribeRepositories,
# ecr:DescribeImages, ecr:GetLifecyclePolicy, ecr:GetRepositoryPolicy, ecr:ListTagsForResource, and for
# manifests ecr:BatchGetImage.
#
# Manifests say which images belong to an index. Reading them counts as a pull in ECR (lastRecordedPullTime
# moves), unless the role is registered as a pull-time exclusion. So only manifests of indexes are read by
# default; set MANIFESTS=all for all of them, MANIFESTS=none for none.
set -u -o pipefail

dir=${1:?usage: export-registry.sh DIR}
manifests=${MANIFESTS:-indexes}
case $manifests in all | indexes | none) ;; *) echo "MANIFESTS is all, indexes or none" >&2; exit 2 ;; esac
if [ -e "$dir/repositories" ]; then
  echo "$dir holds an older export: what has gone since would seem to be there; name a new folder" >&2
  exit 2
fi
command -v jq >/dev/null || { echo "jq is needed" >&2; exit 2; }
mkdir -p "$dir/repositories" || exit 2
failed=0

# read FILE COMMAND...: the answer of the API into FILE. Where the API says that there is none, its error
# name; where the call fails otherwise, no file at all: an absent file means that nobody looked.
read_into() {
  local file=$1 error
  shift
  rm -f "$file"
  if error=$(aws ecr "$@" --output json 2>&1 >"$file.part" </dev/null); then
    mv "$file.part" "$file"
    return 0
  fi
  rm -f "$file.part"
  case $error in
    *LifecyclePolicyNotFoundException*) echo '{"__type": "LifecyclePolicyNotFoundException"}' >"$file" ;;
    *RepositoryPolicyNotFoundException*) echo '{"__type": "RepositoryPolicyNotFoundException"}' >"$file" ;;
    *RegistryPolicyNotFoundException*) echo '{"__type": "RegistryPolicyNotFoundException"}' >"$file" ;;
    *)
      echo "$*: $error" >&2
      failed=1
      return 1
      ;;
  esac
}

read_into "$dir/describe-repositories.json" describe-repositories || exit 2
read_into "$dir/describe-registry.json" describe-registry
read_into "$dir/get-registry-policy.json" get-registry-policy
read_into "$dir/get-registry-scanning-configuration.json" get-registry-scanning-configuration
read_into "$dir/get-account-setting-BLOB_MOUNTING.json" get-account-setting --name BLOB_MOUNTING
read_into "$dir/describe-repository-creation-templates.json" describe-repository-creation-templates
read_into "$dir/describe-pull-through-cache-rules.json" describe-pull-through-cache-rules

media_types='application/vnd.oci.image.index.v1+json
application/vnd.docker.distribution.manifest.list.v2+json
application/vnd.oci.image.manifest.v1+json
application/vnd.docker.distribution.manifest.v2+json
application/vnd.oci.artifact.manifest.v1+json
application/vnd.cncf.oras.artifact.manifest.v1+json'

while IFS=$'\t' read -r name arn; do
  folder="$dir/repositories/$name"
  mkdir -p "$folder"
  rm -f "$folder"/batch-get-image-*.json
  # Without the filter archived images are missing.
  read_into "$folder/describe-images.json" describe-images --repository-name "$name" \
    --filter imageStatus=ANY || continue
  read_into "$folder/get-lifecycle-policy.json" get-lifecycle-policy --repository-name "$name"
  read_into "$folder/get-repository-policy.json" get-repository-policy --repository-name "$name"
  read_into "$folder/list-tags-for-resource.json" list-tags-for-resource --resource-arn "$arn"
  case $manifests in
    none) continue ;;
    all) choose='.imageDetails[]' ;;
    *) choose='.imageDetails[] | select((.imageManifestMediaType // "") | test("index|manifest.list"))' ;;
  esac
  # One call for each hundred images, the most that the API takes. Archived images cannot be read.
  number=0
  while read -r digests; do
    [ -n "$digests" ] || continue
    number=$((number + 1))
    ids=()
    for digest in $digests; do ids+=("imageDigest=$digest"); done
    # shellcheck disable=SC2086  # the media types are words
    read_into "$folder/$(printf 'batch-get-image-%04d.json' "$number")" batch-get-image \
      --repository-name "$name" --image-ids "${ids[@]}" --accepted-media-types $media_types
  done < <(jq -r "[$choose | select((.imageStatus // \"ACTIVE\") == \"ACTIVE\") | .imageDigest] as \$all
    | range(0; \$all | length; 100) | \$all[.:. + 100] | join(\" \")" "$folder/describe-images.json")
  echo "$name" >&2
done < <(jq -r '.repositories[] | [.repositoryName, .repositoryArn] | @tsv' "$dir/describe-repositories.json")
[ "$failed" = 0 ] || { echo "some calls failed: what is absent will not be evaluated" >&2; exit 4; }
